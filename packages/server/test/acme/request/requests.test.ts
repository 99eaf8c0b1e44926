// Signed requests (RFC 8555 §6): which requests are accepted, and that no request is accepted twice or for
// another URL.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompactSign, FlattenedSign, GeneralSign } from 'jose';
import { absolute, createClient, createKey, flattened, postBody } from '../support/client.ts';
import { startFlow } from '../support/flow.ts';
import { assertProblem, ORIGIN, startAcme } from '../support/server.ts';

test('the directory has absolute URLs and the requirements (RFC 8555 §7.1.1, RFC 9773 §3)', async (t) => {
  const server = await startAcme(t);
  const { status, json, headers } = await server.send('GET', '/acme/directory');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.deepEqual(json, {
    newNonce: `${ORIGIN}/acme/new-nonce`,
    newAccount: `${ORIGIN}/acme/new-account`,
    newOrder: `${ORIGIN}/acme/new-order`,
    newAuthz: `${ORIGIN}/acme/new-authz`,
    revokeCert: `${ORIGIN}/acme/revoke-cert`,
    keyChange: `${ORIGIN}/acme/key-change`,
    renewalInfo: `${ORIGIN}/acme/renewal-info`,
    meta: { website: ORIGIN, externalAccountRequired: false },
  });
});

test('newNonce answers HEAD with 200 and GET with 204, never cached (RFC 8555 §7.2)', async (t) => {
  const server = await startAcme(t);
  const head = await server.send('HEAD', '/acme/new-nonce');
  const get = await server.send('GET', '/acme/new-nonce');
  assert.equal(head.status, 200);
  assert.equal(get.status, 204);
  for (const { headers } of [head, get]) {
    assert.match(headers.get('replay-nonce') ?? '', /^[\w-]{27}$/);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('link'), `<${ORIGIN}/acme/directory>;rel="index"`);
  }
  assert.notEqual(head.headers.get('replay-nonce'), get.headers.get('replay-nonce'));
});

for (const alg of ['ES256', 'ES384', 'RS256', 'EdDSA', 'Ed25519']) {
  test(`an account may sign with ${alg} (RFC 8555 §6.2)`, async (t) => {
    const server = await startAcme(t);
    const client = await createClient(server, await createKey(alg));
    assert.equal((await client.register()).status, 201);
    assert.equal((await client.post(client.kid ?? '')).status, 200);
  });
}

test('every answer to a POST has a nonce and a link to the directory (RFC 8555 §6.5)', async (t) => {
  const { client } = await startFlow(t);
  const answers = [
    await client.post(client.kid ?? ''),
    await client.post('/acme/order/none'),
    await client.order([]),
  ];
  const nonces = answers.map(({ headers }) => headers.get('replay-nonce'));
  assert.equal(new Set(nonces).size, 3);
  for (const { headers } of answers) {
    assert.match(headers.get('link') ?? '', /<https:\/\/localhost:9443\/acme\/directory>;rel="index"/);
  }
  // The nonce of a refusal can be used, too.
  const header = { nonce: nonces[2] };
  assert.equal((await client.post(client.kid ?? '', undefined, { header })).status, 200);
});

test('a repeated request is refused with badNonce and a fresh nonce (RFC 8555 §6.5)', async (t) => {
  const { server, client } = await startFlow(t);
  const body = await client.sign('/acme/new-order', { identifiers: [{ type: 'dns', value: 'localhost' }] });
  assert.equal((await postBody(server, '/acme/new-order', body)).status, 201);
  const again = await postBody(server, '/acme/new-order', body);
  assertProblem(again, 'badNonce', 400);
  assert.ok(again.headers.get('replay-nonce'));
});

test('only the first of many requests at once can use a nonce', async (t) => {
  const { server, client } = await startFlow(t);
  const body = await client.sign(client.kid ?? '', undefined);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => postBody(server, client.kid ?? '', body)),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
});

test('refuses nonces of another process, and invented and missing ones', async (t) => {
  const { server, client } = await startFlow(t);
  const stranger = await startAcme(t, {}, { store: server.store });
  const foreign = (await stranger.send('HEAD', '/acme/new-nonce')).headers.get('replay-nonce');
  for (const nonce of [foreign, '', 'AAAA', 'A'.repeat(27)]) {
    assertProblem(await client.post(client.kid ?? '', undefined, { header: { nonce } }), 'badNonce', 400);
  }
  for (const nonce of [undefined, null, 7, `${await client.nonce()}=`, 'A+/A']) {
    assertProblem(await client.post(client.kid ?? '', undefined, { header: { nonce } }), 'malformed', 400);
  }
});

test('a request for one URL is refused at every other (RFC 8555 §6.4)', async (t) => {
  const { server, client } = await startFlow(t);
  const urls = [
    '/acme/new-order',
    `${client.kid}/`,
    `${client.kid}?x`,
    `${client.kid}#x`,
    'https://localhost/acme',
    '',
  ];
  for (const url of urls) {
    const answer = await client.post(client.kid ?? '', undefined, { header: { url } });
    assertProblem(answer, 'unauthorized', 403);
  }
  const queried = `${client.kid}?a=1`;
  const body = await client.sign(client.kid ?? '', undefined);
  assertProblem(await postBody(server, queried, body), 'unauthorized', 403);
  assert.equal((await client.post(queried)).status, 200);
});

test('the media type is application/jose+json, with any parameters (RFC 8555 §6.2)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = client.kid ?? '';
  for (const type of ['application/json', 'text/plain', '']) {
    const answer = await postBody(server, url, await client.sign(url, undefined), type);
    assertProblem(answer, 'malformed', 415);
    assert.ok(answer.headers.get('replay-nonce'));
  }
  const named = await postBody(
    server,
    url,
    await client.sign(url, undefined),
    'application/jose+json; charset=utf-8',
  );
  assert.equal(named.status, 200);
});

test('a body that is too large is refused', async (t) => {
  const { server, client } = await startFlow(t);
  const body = { ...(await client.sign(client.kid ?? '', undefined)), payload: 'A'.repeat(70_000) };
  assertProblem(await postBody(server, client.kid ?? '', body), 'malformed', 413);
});

test('the compact and the general form, and unprotected headers, are refused (RFC 8555 §6.2)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = absolute(client.kid ?? '');
  const header = async () => ({ alg: 'ES256', nonce: await client.nonce(), url, kid: client.kid ?? '' });
  const empty = new Uint8Array();
  const compact = await new CompactSign(empty).setProtectedHeader(await header()).sign(client.key.privateKey);
  const general = await new GeneralSign(empty)
    .addSignature(client.key.privateKey)
    .setProtectedHeader(await header())
    .sign();
  const flat = await client.sign(url, undefined);
  const bodies = [
    compact,
    general,
    [flat],
    { ...flat, header: {} },
    { ...flat, signatures: [] },
    'null',
    '""',
    '{',
    '',
  ];
  for (const body of bodies) assertProblem(await postBody(server, url, body), 'malformed', 400);
  for (const name of ['protected', 'payload', 'signature']) {
    const { [name]: _left, ...rest } = flat as Record<string, unknown>;
    assertProblem(await postBody(server, url, rest), 'malformed', 400);
    assertProblem(await postBody(server, url, { ...flat, [name]: null }), 'malformed', 400);
  }
});

test('the protected header has alg, nonce, url, and either jwk or kid (RFC 8555 §6.2)', async (t) => {
  const { client } = await startFlow(t);
  const url = client.kid ?? '';
  for (const header of [{ jwk: client.key.jwk }, { kid: undefined }, { kid: null }, { url: undefined }])
    assertProblem(await client.post(url, undefined, { header }), 'malformed', 400);
  const answer = await client.post(url, undefined, { header: { jwk: client.key.jwk, kid: undefined } });
  assertProblem(answer, 'malformed', 400, /"kid" instead of "jwk"/);
  const opened = await client.post('/acme/new-account', {});
  assertProblem(opened, 'malformed', 400, /"jwk" instead of "kid"/);
});

test('unknown header members are ignored, but crit is refused (RFC 7515 §4, §4.1.11)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = client.kid ?? '';
  for (const header of [
    { exp: 1 },
    { typ: 'JOSE' },
    { x5c: [] },
    { b64: null },
    { jwk: null },
    { jku: 'https://x/' },
  ])
    assert.equal((await client.post(url, undefined, { header })).status, 200, JSON.stringify(header));
  const members = { alg: 'ES256', nonce: await client.nonce(), url: absolute(url), kid: client.kid ?? '' };
  const critical = await new FlattenedSign(new Uint8Array())
    .setProtectedHeader({ ...members, crit: ['exp'], exp: 1 })
    .sign(client.key.privateKey, { crit: { exp: true } });
  assertProblem(await postBody(server, url, critical), 'malformed', 400, /crit/);
});

test('ignores members besides the three of a JWS, and null counts as absent (RFC 7515 §7.2.1)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = client.kid ?? '';
  for (const more of [{ resource: 'reg' }, { header: null }, { signatures: null }]) {
    const body = { ...(await client.sign(url, undefined)), ...more };
    assert.equal((await postBody(server, url, body)).status, 200, JSON.stringify(more));
  }
});

test('an unsupported algorithm is refused with the list of supported ones (RFC 8555 §6.2)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = absolute(client.kid ?? '');
  for (const alg of ['none', 'HS256', 'PS256', 'ES512', 'RS512']) {
    const protectedHeader = { alg, nonce: await client.nonce(), url, kid: client.kid };
    const body = {
      protected: Buffer.from(JSON.stringify(protectedHeader)).toString('base64url'),
      payload: '',
      signature: '',
    };
    const answer = await postBody(server, url, body);
    assertProblem(answer, 'badSignatureAlgorithm', 400);
    assert.deepEqual(answer.body.algorithms, ['ES256', 'ES384', 'RS256', 'EdDSA', 'Ed25519']);
  }
});

test('refuses a key with the algorithm of another key', async (t) => {
  const { server, client } = await startFlow(t);
  const rsa = await createKey('RS256');
  const url = absolute(client.kid ?? '');
  const header = { alg: 'RS256', nonce: await client.nonce(), url, kid: client.kid };
  const body = await flattened('', header, rsa);
  assertProblem(await postBody(server, url, body), 'badSignatureAlgorithm', 400, /ES256/);
});

test('a signature by another key, over other octets or of another length is refused', async (t) => {
  const { server, client } = await startFlow(t);
  const url = client.kid ?? '';
  assertProblem(await client.post(url, undefined, { key: await createKey() }), 'malformed', 400, /signature/);
  const signed = (await client.sign(url, '{"contact":[]}')) as Record<string, string>;
  const other = Buffer.from('{"status":"deactivated"}').toString('base64url');
  assertProblem(await postBody(server, url, { ...signed, payload: other }), 'malformed', 400, /signature/);
  for (const signature of [
    '',
    'AAAA',
    Buffer.alloc(64).toString('base64url'),
    Buffer.alloc(5000).toString('base64url'),
  ]) {
    const body = await client.sign(url, undefined);
    assertProblem(await postBody(server, url, { ...body, signature }), 'malformed', 400, /signature/);
  }
});

test('a kid that is not one of our accounts is accountDoesNotExist (RFC 8555 §6.7)', async (t) => {
  const { client } = await startFlow(t);
  const kid = client.kid ?? '';
  for (const other of [
    `${kid}x`,
    `${kid}/`,
    kid.slice(ORIGIN.length),
    kid.replace('/acme', '/x/acme'),
    kid.replace('https', 'ftp'),
    kid.replace('localhost', 'user@localhost'),
    `${kid}?x`,
    `${kid}#x`,
    '',
  ]) {
    const answer = await client.post(kid, undefined, { header: { kid: other } });
    assertProblem(answer, 'accountDoesNotExist', 400);
  }
});

test('refuses GET with an ACME error if POST-as-GET is needed (RFC 8555 §6.3)', async (t) => {
  const { server, client } = await startFlow(t);
  const { headers, body } = await client.order(['localhost']);
  for (const url of [
    headers.get('location') ?? '',
    body.authorizations[0] ?? '',
    client.kid ?? '',
    '/acme/new-order',
  ]) {
    const answer = await server.send('GET', url);
    assertProblem(answer, 'malformed', 405);
    assert.equal(answer.headers.get('allow'), 'POST');
  }
});

test('POST-as-GET has an empty payload, and resources that need JSON refuse an empty payload (RFC 8555 §6.3)', async (t) => {
  const { client } = await startFlow(t);
  const order = await client.order(['localhost']);
  assertProblem(await client.post(order.headers.get('location') ?? '', {}), 'malformed', 400, /POST-as-GET/);
  for (const payload of [undefined, '[]', 'null', '"x"', '{', '\u{feff}{}']) {
    assertProblem(await client.post('/acme/new-order', payload), 'malformed', 400);
  }
});

test('an internal error is serverInternal, and only the log has its cause (RFC 8555 §6.7)', async (t) => {
  const { server, client } = await startFlow(t);
  const { body } = await client.order(['localhost']);
  server.issuer.certificates.find = async () => {
    throw new Error('secret cause');
  };
  const answer = await client.post('/acme/revoke-cert', { certificate: 'AAAA' });
  assertProblem(answer, 'malformed', 400);
  const info = await server.send('GET', '/acme/renewal-info/AAAA.AAAA');
  assertProblem(info, 'serverInternal', 500);
  assert.doesNotMatch(info.text, /secret/);
  assert.match(JSON.stringify(server.log.lines()), /secret cause/);
  assert.equal(body.status, 'pending');
});
