// Signed requests and signed answers (RFC 9421 with RFC 9530) at the gateway, whose processes share a port.
// The client signs and verifies by hand.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Answer } from './support/https-client.ts';
import { ask } from './support/https-client.ts';
import type { Deviation, RequestToSign } from './support/request-signer.ts';
import { COMPONENTS, digestOf, signedFields, verifiedAnswer } from './support/request-signer.ts';
import { startServer } from './support/server-under-test.ts';
import { onTransport, TRANSPORTS, type TransportName } from './support/transports.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const LIMIT = 4096;
const routes = [
  { path: '/signed/*', accept: ['signature'] },
  { path: '/both/*', accept: ['signature'], signResponses: true },
  { path: '/either/*', accept: ['signature', 'apiKey'] },
  { path: '/answers/*', access: 'public', signResponses: true },
  { path: '/named/*', host: 'api.example', accept: ['signature'] },
  { path: '/*' },
];
const upstream = await startRecordingUpstream();
after(() => upstream.close());
upstream.on('/answers/none', (_request, response) => response.writeHead(204).end());
upstream.on('/answers/unchanged', (_request, response) => response.writeHead(304, { ETag: '"1"' }).end());
upstream.on('/answers/large', (_request, response) => response.end('x'.repeat(LIMIT + 1)));
upstream.on('/answers/chunked', (_request, response) => {
  response.write('one ');
  response.end('two');
});
upstream.on('/answers/own', (_request, response) => {
  response.setHeader('Signature', 'gatehouse=:AAAA:');
  response.setHeader('Signature-Input', 'gatehouse=()');
  response.setHeader('Content-Digest', 'sha-256=:AAAA:');
  response.end('x');
});
upstream.on('/answers/broken', (_request, response) => response.socket?.destroy());

const NO_DIGEST: Deviation = {
  digest: null,
  components: COMPONENTS.filter((name) => name !== 'content-digest'),
};
const ed25519 = generateKeyPairSync('ed25519');
const pairs = {
  ed25519,
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
};
const pem = (key: typeof ed25519.publicKey) => String(key.export({ type: 'spki', format: 'pem' }));

async function startWorld(transport: TransportName) {
  const server = await startServer({
    upstream: upstream.origin,
    set: [
      `gateway.routes=${JSON.stringify(routes)}`,
      'gateway.workers=2',
      `gateway.signatures.maxBodyBytes=${LIMIT}`,
      ...onTransport(transport),
    ],
  });
  const addKey = async (name: string, publicKey: string, more: object = {}) =>
    String(
      (
        await server.admin('POST', '/admin/keys/public', {
          name,
          publicKey,
          roles: ['user', 'admin'],
          ...more,
        })
      ).id,
    );
  const keyid = await addKey('robot', pem(ed25519.publicKey));
  const { key: apiKey } = await server.createKey(['user']);
  return { transport, server, addKey, keyid, apiKey };
}

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.map(({ server }) => server.stop())));

for (const { transport, server, addKey, keyid, apiKey } of worlds) {
  const authority = `localhost:${server.port}`;

  type Sent = Partial<RequestToSign> & {
    target: string;
    headers?: Record<string, string>;
    key?: typeof ed25519.privateKey;
  };
  const sent = (
    { target, headers, key = ed25519.privateKey, ...request }: Sent,
    deviation: Deviation = {},
  ) => {
    const whole = { authority, target, keyid, ...request };
    const fields = { ...signedFields(key, whole, deviation), ...headers };
    return { whole, fields };
  };
  const send = (request: Sent, deviation: Deviation = {}): Promise<Answer> => {
    const { whole, fields } = sent(request, deviation);
    return raw(whole, fields);
  };
  const raw = ({ method = 'GET', target, body }: RequestToSign, headers: Record<string, string>) =>
    ask({ ...server, path: target, method, headers, ...(body !== undefined && { body }) });
  const path = (name: string) => `/signed/${transport}-${name}`;

  describe(`a signed request on ${transport}`, () => {
    it('is accepted, and the upstream learns the caller; the canonical path is forwarded', async () => {
      const answer = await send({ method: 'POST', target: `${path('ok')}/%7Ea?q=%41&b`, body: '{"a":1}' });
      assert.equal(answer.status, 200, answer.text());
      const [request] = upstream.saw(`${transport}-ok`);
      assert.equal(request?.url, `${path('ok')}/~a?q=%41&b`);
      assert.equal(String(request?.body), '{"a":1}');
      const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
      const { sub, amr } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      assert.deepEqual([sub, amr], ['robot', ['pop']]);
    });

    it('may be signed with Ed25519, P-256 or RSA-PSS, with the algorithm named or not', async () => {
      const algorithms = { ed25519: 'ed25519', 'P-256': 'ecdsa-p256-sha256', RSA: 'rsa-pss-sha512' };
      for (const [name, { publicKey, privateKey }] of Object.entries(pairs)) {
        const id = name === 'ed25519' ? keyid : await addKey(`with-${name.toLowerCase()}`, pem(publicKey));
        const request = { target: path('alg'), key: privateKey, keyid: id };
        assert.equal((await send(request)).status, 200, name);
        assert.equal(
          (await send(request, { alg: algorithms[name as keyof typeof algorithms] })).status,
          200,
          name,
        );
        assert.equal((await send(request, { alg: 'hmac-sha256' })).status, 401, name);
      }
    });

    it('without a body needs no digest, and nothing can be added to it', async () => {
      const request = { method: 'POST', target: path('bare') };
      const unsigned = () => sent(request, NO_DIGEST);
      assert.equal((await raw(unsigned().whole, unsigned().fields)).status, 200);
      const length = { 'content-length': '0' };
      assert.equal((await raw(unsigned().whole, { ...unsigned().fields, ...length })).status, 200);
      for (const body of ['', 'x'])
        assert.equal(await sendChunked('POST', path('bare'), unsigned().fields, [body]), 401);
      const { whole, fields } = unsigned();
      assert.equal((await raw({ ...whole, body: 'x' }, fields)).status, 401);
      assert.equal(
        (await raw({ ...whole, body: 'x' }, { ...fields, 'content-digest': digestOf('x') })).status,
        401,
      );
      assert.equal((await raw(whole, fields)).status, 200, 'none of them used the nonce up');
      assert.deepEqual(
        upstream.saw(`${transport}-bare`).map(({ body }) => body.length),
        [0, 0, 0],
      );
    });

    it('is accepted once in all processes: of many at once, one succeeds', async () => {
      const { whole, fields } = sent({ target: path('once') });
      const statuses = await Promise.all(
        Array.from({ length: 12 }, async () => (await raw(whole, fields)).status),
      );
      assert.deepEqual(
        statuses.filter((status) => status !== 401),
        [200],
      );
      assert.equal(upstream.saw(`${transport}-once`).length, 1);
      const again = await raw(whole, fields);
      assert.match(String(again.json().detail), /nonce was used before/);
    });

    it('with a nonce that was used in another signature is refused', async () => {
      const nonce = `${transport}-again`;
      assert.equal((await send({ target: path('n1') }, { nonce })).status, 200);
      assert.equal((await send({ target: path('n2') }, { nonce })).status, 401);
    });

    const altered: Record<string, [Partial<Sent>, Deviation]> = {
      'another method': [{}, { as: { method: 'POST' } }],
      'another path': [{}, { as: { target: '/signed/other' } }],
      'another spelling of the path': [{}, { as: { target: '/signed/%61ltered' } }],
      'another query': [{}, { as: { target: '/signed/altered?a=1' } }],
      'another authority': [{}, { as: { authority: 'other.example' } }],
      'another digest in the field': [{ headers: { 'content-digest': digestOf('x') } }, {}],
      'no digest': [{}, { digest: null }],
      'the digest of another body': [{ method: 'POST', body: 'one' }, { digest: digestOf('two') }],
      'a body where none was signed': [{ method: 'POST', body: 'one' }, { digest: digestOf('') }],
      'no body where one was signed': [{}, { digest: digestOf('one') }],
      'two digests, of which the first is wrong': [
        { method: 'POST', body: 'one' },
        { digest: `${digestOf('two')}, ${digestOf('one', 'sha-512')}` },
      ],
      'two digests, of which the second is wrong': [
        { method: 'POST', body: 'one' },
        { digest: `${digestOf('one')}, ${digestOf('two', 'sha-512')}` },
      ],
      'a digest twice': [
        { method: 'POST', body: 'one' },
        { digest: `${digestOf('two')}, ${digestOf('one')}` },
      ],
      'only a digest that protects nothing': [{ method: 'POST', body: 'one' }, { digest: 'md5=:AAAA:' }],
      'no nonce': [{}, { nonce: null }],
      'an empty nonce': [{}, { nonce: '' }],
      'an endless nonce': [{}, { nonce: 'n'.repeat(300) }],
      'no time': [{}, { created: null }],
      'a time that is too old': [{}, { created: Math.floor(Date.now() / 1000) - 120 }],
      'a time in the future': [{}, { created: Math.floor(Date.now() / 1000) + 86_400 }],
      'an end that is over': [{}, { expires: Math.floor(Date.now() / 1000) - 1 }],
      'an unknown key': [{ keyid: 'aaaaaaaaaaaaaaaa' }, {}],
      'no key': [{ keyid: '' }, {}],
      'the key of another pair': [{ key: generateKeyPairSync('ed25519').privateKey }, {}],
      ...Object.fromEntries(
        COMPONENTS.map((name) => [
          `no ${name} in the signature`,
          [{ method: 'POST', body: 'one' }, { components: COMPONENTS.filter((other) => other !== name) }] as [
            Partial<Sent>,
            Deviation,
          ],
        ]),
      ),
      'a component twice': [{}, { components: [...COMPONENTS, '@path'] }],
      'no digest at all, but a body': [{ method: 'POST', body: 'one' }, NO_DIGEST],
      'a wrong digest beside the signature': [{ headers: { 'content-digest': digestOf('x') } }, NO_DIGEST],
    };
    for (const [what, [request, deviation]] of Object.entries(altered)) {
      it(`with ${what} is refused, and nothing reaches the upstream`, async () => {
        const answer = await send({ target: '/signed/altered', ...request }, deviation);
        assert.equal(answer.status, 401, answer.text());
        assert.match(String(answer.headers['www-authenticate']), /^Signature realm="gatehouse"$/);
        assert.match(
          String(answer.headers['accept-signature']),
          /"@method" "@authority" "@path" "@query" "content-digest"/,
        );
        assert.deepEqual(upstream.saw('/signed/altered'), []);
      });
    }

    it('with a field twice is refused', async () => {
      const { whole, fields } = sent({ target: path('twice') });
      for (const name of ['signature', 'signature-input', 'content-digest']) {
        const twice = { ...fields, [name]: [fields[name], fields[name]] } as never;
        assert.equal((await raw(whole, twice)).status, 401, name);
      }
      assert.equal((await raw(whole, fields)).status, 200, 'none of them used the nonce up');
    });

    it('is accepted with another signature besides that of our key, and refused with two of our keys', async () => {
      const join = (one: Record<string, string>, other: Record<string, string>) => ({
        ...one,
        'signature-input': `${one['signature-input']}, ${other['signature-input']}`,
        signature: `${one.signature}, ${other.signature}`,
      });
      const { whole, fields } = sent({ target: path('labels') });
      const stranger = sent({ target: path('labels'), keyid: 'elsewhere' }, { label: 'other' }).fields;
      assert.equal((await raw(whole, join(stranger, fields))).status, 200);
      const own = sent({ target: path('labels') }, { label: 'other' }).fields;
      assert.equal((await raw(whole, join(sent({ target: path('labels') }).fields, own))).status, 401);
    });

    it('allows no key confusion: the public key is no secret for HMAC', async () => {
      const { whole, fields } = sent({ target: path('hmac') }, { alg: 'hmac-sha256' });
      const input = String(fields['signature-input']).slice('sig1='.length);
      const [hostPath = ''] = whole.target.split('?');
      const base = [
        '"@method": GET',
        `"@authority": ${authority}`,
        `"@path": ${hostPath}`,
        '"@query": ?',
        `"content-digest": ${fields['content-digest']}`,
        `"@signature-params": ${input}`,
      ].join('\n');
      for (const secret of [
        pem(ed25519.publicKey),
        ed25519.publicKey.export({ type: 'spki', format: 'der' }),
      ]) {
        const signature = `sig1=:${createHmac('sha256', secret).update(base).digest('base64')}:`;
        assert.equal((await raw(whole, { ...fields, signature })).status, 401);
      }
    });

    it('of a key that was revoked, has expired, or whose service is disabled, is refused', async () => {
      const disable = (disabled: boolean) =>
        server.admin('PUT', '/admin/services/leaver/disabled', { disabled });
      const pair = generateKeyPairSync('ed25519');
      const id = await addKey('leaver', pem(pair.publicKey));
      const request = { target: path('leaver'), key: pair.privateKey, keyid: id };
      assert.equal((await send(request)).status, 200);
      await disable(true);
      assert.match(String((await send(request)).json().detail), /disabled/);
      await disable(false);
      assert.equal((await send(request)).status, 200);
      await server.admin('DELETE', `/admin/keys/${id}`);
      assert.equal((await send(request)).status, 401);
      const short = generateKeyPairSync('ed25519');
      const ending = await addKey('leaver', pem(short.publicKey), { addresses: ['10.0.0.0/8'] });
      const elsewhere = await send({ target: path('leaver'), key: short.privateKey, keyid: ending });
      assert.match(String(elsewhere.json().detail), /address/);
    });

    it('is in the ledger with its key and the reason if it is refused', async () => {
      await send({ target: path('ledger') }, { created: Math.floor(Date.now() / 1000) - 500 });
      const entries = (await server.admin(
        'GET',
        '/admin/audit?type=gateway.request_denied&limit=1000',
      )) as unknown;
      const text = JSON.stringify(entries);
      assert.match(text, new RegExp(`"keyId":"${keyid}"`));
      assert.match(text, /older than 60 seconds/);
    });

    it('for another host is refused, unless a route names that host', async () => {
      const at = (target: string, host: string) => send({ target, authority: host, headers: { host } });
      assert.equal((await at('/signed/host', 'evil.example')).status, 401);
      assert.equal((await at('/named/host', 'api.example')).status, 200);
      assert.equal((await at('/signed/host', `127.0.0.1:${server.port}`)).status, 200);
    });

    it('is one credential: together with an API key it is refused if the route accepts both', async () => {
      const target = '/either/x';
      assert.equal((await ask({ ...server, path: target, headers: { 'x-api-key': apiKey } })).status, 200);
      assert.equal((await send({ target })).status, 200);
      assert.equal(
        (await send({ target, headers: { 'x-api-key': apiKey } })).json().code,
        'credential_malformed',
      );
    });

    it('is not needed for an API key, and its id is not an API key', async () => {
      assert.equal(
        (await ask({ ...server, path: '/signed/x', headers: { 'x-api-key': apiKey } })).status,
        401,
      );
      const { status } = await ask({
        ...server,
        path: '/x',
        headers: { 'x-api-key': `ghk_${keyid}_${'a'.repeat(32)}_00000000` },
      });
      assert.equal(status, 401);
    });

    it('may have a body up to the limit, in chunks as well; beyond it the answer is 413', async () => {
      const body = 'x'.repeat(LIMIT);
      assert.equal((await send({ method: 'PUT', target: path('full'), body })).status, 200);
      assert.equal(upstream.saw(`${transport}-full`)[0]?.body.length, LIMIT);
      assert.equal((await send({ method: 'PUT', target: path('over'), body: `${body}x` })).status, 413);
      const { fields } = sent({ method: 'PUT', target: path('over-chunked'), body: `${body}x` });
      assert.equal(await sendChunked('PUT', path('over-chunked'), fields, [body, 'x']), 413);
      const right = sent({ method: 'PUT', target: path('chunked'), body: 'onetwo' });
      assert.equal(await sendChunked('PUT', path('chunked'), right.fields, ['one', 'two']), 200);
      assert.equal(String(upstream.saw(`${transport}-chunked`)[0]?.body), 'onetwo');
      const wrong = sent({ method: 'PUT', target: path('wrong-chunked'), body: 'onetwo' });
      assert.equal(await sendChunked('PUT', path('wrong-chunked'), wrong.fields, ['one', 'tow']), 401);
      for (const name of ['over', 'over-chunked', 'wrong-chunked'])
        assert.deepEqual(upstream.saw(`${transport}-${name}`), []);
    });

    function sendChunked(
      method: string,
      target: string,
      headers: Record<string, string>,
      parts: readonly string[],
    ): Promise<number> {
      return new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          servername: 'localhost',
          port: server.port,
          ca: server.ca,
          path: target,
          method,
        };
        const outgoing = httpsRequest(
          { ...options, agent: false, headers: { host: authority, ...headers } },
          (answer) => {
            answer.resume();
            resolve(answer.statusCode ?? 0);
          },
        );
        outgoing.on('error', reject);
        for (const part of parts) outgoing.write(part);
        outgoing.end();
      });
    }

    it('is refused with 400 or 401 for any other text in its fields, and the gateway continues to serve', async () => {
      const { whole, fields } = sent({ target: path('fuzz') });
      const right = [fields['signature-input'], fields.signature].map(String);
      const mutated = fc
        .tuple(
          fc.nat({ max: 1 }),
          fc.nat(),
          fc.nat({ max: 3 }),
          fc.string({
            unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
            minLength: 1,
            maxLength: 3,
          }),
        )
        .map(([which, at, removed, added]) => {
          const text = right[which] ?? '';
          const place = at % text.length;
          const changed = text.slice(0, place) + added + text.slice(place + removed);
          return which === 0 ? [changed, right[1] ?? ''] : [right[0] ?? '', changed];
        });
      await fc.assert(
        fc.asyncProperty(mutated, async ([input = '', signature = '']) => {
          fc.pre(input !== right[0] || signature !== right[1]);
          const { status } = await raw(whole, { ...fields, 'signature-input': input, signature });
          assert.ok(status === 400 || status === 401, `${status}: ${input} ${signature}`);
        }),
        { numRuns: 60 },
      );
      assert.equal((await send({ target: path('after-fuzz') })).status, 200);
    });
  });

  describe(`a signed answer on ${transport}`, () => {
    const keySet = async (port: number) =>
      (await ask({ ...server, port, path: '/.well-known/gatehouse-signature-jwks.json' })).json() as never;

    it('is signed by a key that both listeners publish', async () => {
      const sets = [await keySet(server.port), await keySet(server.controlPort)];
      assert.deepEqual(sets[0], sets[1]);
      for (const keys of sets) {
        const target = `/answers/plain?x=1`;
        const answer = await ask({ ...server, path: target });
        const { isRight, components } = verifiedAnswer(answer, keys, {
          authority,
          target,
          keyid: '',
          fields: {},
        });
        assert.ok(isRight);
        for (const name of [
          '"@status"',
          '"content-digest"',
          '"content-type"',
          '"@method";req',
          '"@path";req',
          '"@query";req',
        ])
          assert.ok(components.includes(name), name);
      }
    });

    it('to a signed request is bound to that request', async () => {
      const keys = await keySet(server.port);
      const target = '/both/bound';
      const { whole, fields } = sent({ method: 'POST', target, body: 'hello' });
      const answer = await raw(whole, fields);
      assert.equal(answer.status, 200);
      const { isRight, components } = verifiedAnswer(answer, keys, { ...whole, fields });
      assert.ok(isRight);
      assert.ok(components.includes('"signature";req'));
      const other = sent({ method: 'POST', target, body: 'hello' });
      assert.equal(verifiedAnswer(answer, keys, { ...other.whole, fields: other.fields }).isRight, false);
    });

    for (const [name, status, length] of [
      ['chunked', 200, 7],
      ['none', 204, 0],
      ['unchanged', 304, 0],
      ['own', 200, 1],
      ['broken', 502, undefined],
      ['large', 502, undefined],
    ] as const) {
      it(`is signed: /answers/${name} with ${status}`, async () => {
        const target = `/answers/${name}`;
        const answer = await ask({ ...server, path: target });
        assert.equal(answer.status, status);
        if (length !== undefined) assert.equal(answer.body.length, length);
        assert.ok(
          verifiedAnswer(answer, await keySet(server.port), { authority, target, keyid: '', fields: {} })
            .isRight,
        );
      });
    }

    it('is signed by a new key at once if the old one leaked, and the old one is removed', async () => {
      const before: { keys: { kid: string }[] } = await keySet(server.port);
      await server.admin('POST', '/admin/keyring/rotate', { use: 'answer', leaked: true });
      const target = '/answers/rotated';
      const answer = await ask({ ...server, path: target });
      const keys: { keys: Record<string, string>[] } = await keySet(server.port);
      assert.ok(verifiedAnswer(answer, keys, { authority, target, keyid: '', fields: {} }).isRight);
      assert.ok(!keys.keys.some(({ kid }) => kid === before.keys[0]?.kid));
    });

    it('to HEAD has the digest of empty content', async () => {
      const request = { method: 'HEAD', authority, target: '/answers/head', keyid: '' };
      const answer = await ask({ ...server, path: request.target, method: 'HEAD' });
      assert.equal(answer.status, 200);
      assert.ok(verifiedAnswer(answer, await keySet(server.port), { ...request, fields: {} }).isRight);
    });

    it('is also a refusal of the gateway: 401 and 413', async () => {
      const keys = await keySet(server.port);
      const { whole, fields } = sent({
        method: 'POST',
        target: '/both/refused',
        body: 'x'.repeat(LIMIT + 1),
      });
      for (const [status, headers] of [
        [401, {}],
        [413, fields],
      ] as const) {
        const answer = await raw(whole, headers);
        assert.equal(answer.status, status);
        assert.ok(verifiedAnswer(answer, keys, { ...whole, fields: headers }).isRight, String(status));
      }
    });
  });
}
