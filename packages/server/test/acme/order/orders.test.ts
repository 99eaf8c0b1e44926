// Orders from start to certificate (RFC 8555 §7.4), as a client sees them.
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createRequest, generatePrivateKey, parseSubjectName, signerFromKey } from '@gatehouse/x509';
import { exportPKCS8 } from 'jose';
import { readSigningRequest } from '../../../src/acme/order/signing-request.ts';
import { readAccountKey } from '../../../src/acme/request/account-key.ts';
import { createOpenWork } from '../../../src/acme/validation/open-work.ts';
import { createStore } from '../../support/store.ts';
import { createClient, createKey } from '../support/client.ts';
import { meetHttp01, obtain, readyOrder, signingRequest, startFlow } from '../support/flow.ts';
import { assertProblem } from '../support/server.ts';

test('an order goes from pending to ready to valid and gives a chain (RFC 8555 §7.1.6, §7.4.2)', async (t) => {
  const { server, web, client } = await startFlow(t);
  const order = await client.order(['localhost']);
  assert.equal(order.status, 201);
  const url = order.headers.get('location') ?? '';
  assert.match(url, /^https:\/\/localhost:9443\/acme\/order\/[0-9a-f]{32}$/);
  assert.equal(order.body.status, 'pending');
  assert.equal(order.body.expires, '2026-03-02T12:00:00.000Z');
  assert.deepEqual(order.body.identifiers, [{ type: 'dns', value: 'localhost' }]);
  assert.equal(order.body.authorizations.length, 1);
  assert.equal((await meetHttp01({ web, client }, order.body.authorizations[0] ?? '')).body.status, 'valid');
  assert.equal((await client.post(url)).body.status, 'ready');

  const key = generatePrivateKey('P-256');
  const final = await client.post(order.body.finalize, { csr: signingRequest(['localhost'], key) });
  assert.equal(final.status, 200);
  assert.equal(final.headers.get('location'), url);
  assert.equal(final.body.status, 'valid');
  assert.deepEqual((await client.post(url)).body, final.body);

  const download = await client.post(final.body.certificate);
  assert.equal(download.headers.get('content-type'), 'application/pem-certificate-chain');
  const blocks = download.text.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g) ?? [];
  const [leaf, intermediate] = blocks.map((block) => new X509Certificate(block));
  assert.ok(leaf && intermediate && blocks.length === 2);
  assert.equal(leaf.subjectAltName, 'DNS:localhost');
  assert.ok(leaf.checkPrivateKey(key));
  assert.ok(leaf.verify(intermediate.publicKey));
  assert.ok(intermediate.verify(new X509Certificate(server.issuer.root).publicKey));
});

test('the ledger records who finalized an order, and its names', async (t) => {
  const flow = await startFlow(t);
  const { order, serialNumber } = await obtain(flow, ['localhost']);
  const event = flow.server.store.published.find(({ type }) => type === 'acme.order_finalized');
  const account = flow.client.kid?.split('/').at(-1);
  assert.deepEqual(event, {
    type: 'acme.order_finalized',
    actor: { kind: 'anonymous', name: `acme:${account}`, address: '192.0.2.7' },
    outcome: 'success',
    subject: order.headers.get('location')?.split('/').at(-1),
    data: { serialNumber, names: ['localhost'], account },
  });
});

test('two finalizations at once give one certificate and one orderNotReady (RFC 8555 §7.4)', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost']);
  const answers = await Promise.all(
    [1, 2, 3].map(() => flow.client.post(body.finalize, { csr: signingRequest(['localhost']) })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 403, 403]);
  assert.equal(flow.server.issuer.issued.size, 1);
  for (const answer of answers.filter(({ status }) => status === 403))
    assertProblem(answer, 'orderNotReady', 403);
});

test('an order that is not ready cannot be finalized (RFC 8555 §7.4)', async (t) => {
  const { client } = await startFlow(t);
  const { body } = await client.order(['localhost']);
  const answer = await client.post(body.finalize, { csr: signingRequest(['localhost']) });
  assertProblem(answer, 'orderNotReady', 403, /pending/);
});

test('a request for other names than the order’s is badCSR; the order stays ready (RFC 8555 §7.4)', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost', 'a.localhost']);
  const more = await flow.client.post(body.finalize, {
    csr: signingRequest(['localhost', 'a.localhost', 'b.localhost']),
  });
  assertProblem(more, 'badCSR', 400, /b\.localhost/);
  const less = await flow.client.post(body.finalize, { csr: signingRequest(['localhost']) });
  assertProblem(less, 'badCSR', 400, /a\.localhost/);
  const failure = flow.server.store.published.at(-1);
  assert.equal(failure?.type, 'acme.finalization_refused');
  assert.equal(failure?.outcome, 'failure');
  const right = await flow.client.post(body.finalize, { csr: signingRequest(['a.localhost', 'LOCALHOST']) });
  assert.equal(right.body.status, 'valid');
});

test('a common name counts as a name (RFC 8555 §7.4)', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost']);
  const request = (commonName: string) => {
    const subjectAltNames = [parseSubjectName('localhost')];
    const { der } = createRequest(
      { subject: { commonName }, subjectAltNames },
      signerFromKey(generatePrivateKey('P-256')),
    );
    return Buffer.from(der).toString('base64url');
  };
  assertProblem(await flow.client.post(body.finalize, { csr: request('other.localhost') }), 'badCSR', 400);
  assert.equal((await flow.client.post(body.finalize, { csr: request('localhost') })).body.status, 'valid');
});

test('a common name counts in any form that an address may have', async () => {
  const { jwk } = await createKey();
  const { der } = createRequest(
    { subject: { commonName: '0:0:0:0:0:0:0:1' }, subjectAltNames: [parseSubjectName('::1')] },
    signerFromKey(generatePrivateKey('P-256')),
  );
  const csr = Buffer.from(der).toString('base64url');
  assert.ok(readSigningRequest(csr, ['::1'], readAccountKey(jwk)));
  assert.throws(() => readSigningRequest(csr, ['::2'], readAccountKey(jwk)), /lacks "::2"/);
});

test('other kinds of names in a request are refused, and its extensions are not copied', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost']);
  const subjectAltNames = [
    { type: 'dNSName', value: 'localhost' },
    { type: 'uniformResourceIdentifier', value: 'urn:gatehouse:user:admin' },
  ] as const;
  const { der } = createRequest({ subject: {}, subjectAltNames }, signerFromKey(generatePrivateKey('P-256')));
  assertProblem(
    await flow.client.post(body.finalize, { csr: Buffer.from(der).toString('base64url') }),
    'badCSR',
    400,
  );
  await flow.client.post(body.finalize, { csr: signingRequest(['localhost']) });
  assert.deepEqual(flow.server.issuer.orders.at(-1)?.names, ['localhost']);
});

test('the key of the account cannot be certified (RFC 8555 §11.1)', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost']);
  const own = createPrivateKey(await exportPKCS8(flow.client.key.privateKey));
  const answer = await flow.client.post(body.finalize, { csr: signingRequest(['localhost'], own) });
  assertProblem(answer, 'badCSR', 400, /account/);
});

test('refuses a request that cannot be read, or that its key did not sign', async (t) => {
  const flow = await startFlow(t);
  const { body } = await readyOrder(flow, ['localhost']);
  const finalize = (csr: unknown) => flow.client.post(body.finalize, { csr });
  const good = Buffer.from(signingRequest(['localhost']), 'base64url');
  const forged = Buffer.from(good);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${good.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  for (const csr of [
    '',
    'AAAA',
    good.subarray(0, 60).toString('base64url'),
    forged.toString('base64url'),
    Buffer.from(pem).toString('base64url'),
    Buffer.from(`0\n${pem}`).toString('base64url'),
  ]) {
    assertProblem(await finalize(csr), 'badCSR', 400);
  }
  for (const csr of [undefined, 7, good.toString('base64'), `${good.toString('base64url')}=`]) {
    assertProblem(await finalize(csr), 'malformed', 400);
  }
  assert.equal(flow.server.issuer.issued.size, 0);
});

test('the next order reuses a validation of the last hour, but only in the same account', async (t) => {
  const flow = await startFlow(t);
  const first = await readyOrder(flow, ['localhost']);
  const second = await flow.client.order(['localhost', 'a.localhost']);
  assert.equal(second.body.status, 'pending');
  assert.ok(second.body.authorizations.includes(first.body.authorizations[0] ?? ''));
  assert.equal((await flow.client.order(['localhost'])).body.status, 'ready');
  const stranger = await createClient(flow.server);
  await stranger.register();
  assert.equal((await stranger.order(['localhost'])).body.status, 'pending');
  flow.server.store.clock.advance(3601);
  assert.equal((await flow.client.order(['localhost'])).body.status, 'pending');
});

test('a wildcard has a separate authorization, only by dns-01 (RFC 8555 §7.1.3)', async (t) => {
  const flow = await startFlow(t);
  await readyOrder(flow, ['a.localhost']);
  const order = await flow.client.order(['*.a.localhost']);
  assert.equal(order.body.status, 'pending');
  const { body } = await flow.client.post(order.body.authorizations[0] ?? '');
  assert.deepEqual(body.identifier, { type: 'dns', value: 'a.localhost' });
  assert.equal(body.wildcard, true);
  assert.deepEqual(
    body.challenges.map(({ type }) => type),
    ['dns-01'],
  );
});

test('an expired order cannot be finalized', async (t) => {
  const flow = await startFlow(t);
  const order = await readyOrder(flow, ['localhost']);
  flow.server.store.clock.advance(24 * 3600);
  const late = await flow.client.post(order.headers.get('location') ?? '');
  assert.equal(late.body.status, 'invalid');
  assertProblem(
    await flow.client.post(order.body.finalize, { csr: signingRequest(['localhost']) }),
    'orderNotReady',
    403,
  );
});

test('dates that an order asks for are in its certificate, and impossible ones are refused', async (t) => {
  const flow = await startFlow(t);
  const wish = { notBefore: '2026-03-01T13:00:00Z', notAfter: '2026-03-03T14:00:00+02:00' };
  const { order, chain } = await obtain(flow, ['localhost'], wish);
  assert.equal(order.body.notBefore, '2026-03-01T13:00:00.000Z');
  assert.equal(order.body.notAfter, '2026-03-03T12:00:00.000Z');
  const { validFromDate, validToDate } = new X509Certificate(chain);
  assert.equal(validFromDate.toISOString(), '2026-03-01T13:00:00.000Z');
  assert.equal(validToDate.toISOString(), '2026-03-03T12:00:00.000Z');
  const refused = [
    { notBefore: 'tomorrow' },
    { notBefore: '2026-02-01T00:00:00Z' },
    { notBefore: '2027-02-01T00:00:00Z' },
    { notAfter: '2026-03-01T11:00:00Z' },
    { notBefore: '2026-03-02T00:00:00Z', notAfter: '2026-03-01T23:00:00Z' },
    { notAfter: '2026-05-01T00:00:00Z' },
  ];
  for (const dates of refused) assertProblem(await flow.client.order(['localhost'], dates), 'malformed', 400);
});

test('each wrong identifier gets a subproblem (RFC 8555 §6.7.1)', async (t) => {
  const { client } = await startFlow(t, { names: ['*.example.com', '10.0.0.0/8'] });
  const answer = await client.order(['a.example.com', 'example.org', 'exa mple.com', '192.0.2.1']);
  assertProblem(answer, 'compound', 400, /3 identifiers/);
  assert.deepEqual(
    answer.body.subproblems.map(({ type, identifier }) => [type.split(':').at(-1), identifier.value]),
    [
      ['rejectedIdentifier', 'example.org'],
      ['malformed', 'exa mple.com'],
      ['rejectedIdentifier', '192.0.2.1'],
    ],
  );
});

test('a repeated identifier is in the order once, in lower case', async (t) => {
  const { client } = await startFlow(t);
  const { body } = await client.order(['LocalHost', 'localhost', '::1', '0:0:0:0:0:0:0:1']);
  assert.deepEqual(body.identifiers, [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '::1' },
  ]);
  assert.equal(body.authorizations.length, 2);
});

test('orders without identifiers, with other types, or with too many are refused', async (t) => {
  const { client } = await startFlow(t);
  const post = (identifiers: unknown) => client.post('/acme/new-order', { identifiers });
  for (const identifiers of [
    undefined,
    [],
    {},
    'localhost',
    [{ type: 'dns' }],
    [{ value: 'localhost' }],
    [null],
  ]) {
    assertProblem(await post(identifiers), 'malformed', 400);
  }
  assertProblem(await post([{ type: 'email', value: 'a@example.com' }]), 'unsupportedIdentifier', 400);
  const many = Array.from({ length: 101 }, (_, index) => ({ type: 'dns', value: `a${index}.localhost` }));
  assertProblem(await post(many), 'malformed', 400, /at most 100/);
});

test('a repeated identifier counts once towards the limit', async (t) => {
  const { client } = await startFlow(t);
  const names = Array.from({ length: 100 }, (_, index) => `a${index}.localhost`);
  const { status, body } = await client.order([...names, ...names.map((name) => name.toUpperCase())]);
  assert.equal(status, 201);
  assert.equal(body.authorizations.length, 100);
});

test('members of an order that are null count as absent; dates may be in lower case (RFC 3339 §5.6)', async (t) => {
  const { client } = await startFlow(t);
  const absent = { notBefore: null, notAfter: null, replaces: null };
  const { body } = await client.order(['localhost'], absent);
  assert.equal(body.status, 'pending');
  assert.equal(body.notAfter, undefined);
  const dated = await client.order(['localhost'], { notAfter: '2026-03-02t12:00:00z' });
  assert.equal(dated.body.notAfter, '2026-03-02T12:00:00.000Z');
  assertProblem(await client.post('/acme/new-order', { identifiers: null }), 'malformed', 400);
});

test('an object of another account and an unknown object get the same answer (RFC 8555 §10.5)', async (t) => {
  const flow = await startFlow(t);
  const { order } = await obtain(flow, ['localhost']);
  const challenge = (await flow.client.post(order.body.authorizations[0] ?? '')).body.challenges[0];
  const stranger = await createClient(flow.server);
  await stranger.register();
  const urls = [
    order.headers.get('location'),
    order.body.authorizations[0],
    challenge?.url,
    order.body.certificate,
  ];
  for (const url of urls) {
    const other = await stranger.post(url ?? '');
    const absent = await stranger.post((url ?? '').replace(/\/[0-9a-f]{32,40}/, `/${'a'.repeat(32)}`));
    assertProblem(other, 'malformed', 404);
    assert.deepEqual(absent.json, other.json);
  }
  const finalize = await stranger.post(order.body.finalize, { csr: signingRequest(['localhost']) });
  assertProblem(finalize, 'malformed', 404);
});

test('the orders of an account are listed in pages, without invalid ones (RFC 8555 §7.1.2.1)', async (t) => {
  const { server, client } = await startFlow(t);
  const made: string[] = [];
  for (let count = 0; count < 103; count += 1) {
    made.unshift((await client.order(['localhost'])).headers.get('location') ?? '');
    server.store.clock.advance(1);
  }
  const orders = `${client.kid}/orders`;
  const first = await client.post(orders);
  assert.deepEqual(first.body.orders, made.slice(0, 100));
  const [, next = ''] = /<([^>]+)>;rel="next"/.exec(first.headers.get('link') ?? '') ?? [];
  assert.ok(next.startsWith(`${orders}?cursor=`));
  const second = await client.post(next);
  assert.deepEqual(second.body.orders, made.slice(100));
  assert.doesNotMatch(second.headers.get('link') ?? '', /next/);
  server.store.clock.advance(24 * 3600 - 50);
  assert.equal((await client.post(orders)).body.orders.length, 49);
  const stranger = await createClient(server);
  await stranger.register();
  assertProblem(await stranger.post(orders), 'unauthorized', 403);
});

test('three hundred orders of one account, eight at a time, all end in a certificate', async (t) => {
  const flow = await startFlow(t);
  const serials = new Set<string>();
  let next = 0;
  const work = async () => {
    while (next < 300) {
      next += 1;
      serials.add((await obtain(flow, [`a${next % 150}.localhost`])).serialNumber);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  assert.equal(serials.size, 300);
  assert.equal(flow.server.issuer.issued.size, 300);
});

test('old orders are removed, except those whose certificate is still valid', async (t) => {
  const flow = await startFlow(t);
  const { order } = await obtain(flow, ['localhost'], { notAfter: '2026-03-25T00:00:00Z' });
  const other = await flow.client.order(['a.localhost']);
  const [prune] = flow.server.acme.jobs;
  flow.server.store.clock.advance(20 * 86_400);
  await prune?.run();
  assert.equal((await flow.client.post(other.headers.get('location') ?? '')).status, 404);
  assert.equal((await flow.client.post(other.body.authorizations[0] ?? '')).status, 404);
  assert.equal((await flow.client.post(order.body.certificate)).status, 200);
  flow.server.store.clock.advance(20 * 86_400);
  await prune?.run();
  assert.equal((await flow.client.post(order.body.certificate)).status, 404);
});

test('an account with too many pending authorizations gets rateLimited until some end', async (t) => {
  const flow = await startFlow(t, { pendingAuthorizations: 3 });
  await readyOrder(flow, ['a.localhost', 'b.localhost']);
  const order = await flow.client.order(['a.localhost', 'b.localhost', 'c.localhost', 'd.localhost']);
  assert.equal(order.status, 201, 'decided authorizations do not count, and reused ones are not new');
  const refused = await flow.client.order(['e.localhost', 'f.localhost']);
  assertProblem(refused, 'rateLimited', 429, /too many pending authorizations: 3 at most/);
  assert.equal(refused.headers.get('retry-after'), '10');
  const stranger = await createClient(flow.server);
  await stranger.register();
  assert.equal((await stranger.order(['e.localhost'])).status, 201);
  const [, , , pending = ''] = order.body.authorizations;
  assert.equal((await meetHttp01(flow, pending)).body.status, 'valid');
  assertProblem(await flow.client.order(['e.localhost', 'f.localhost']), 'rateLimited', 429);
  flow.server.store.clock.advance(10);
  assert.equal((await flow.client.order(['e.localhost', 'f.localhost'])).status, 201);
});

test('unfinished orders of one account are limited', async (t) => {
  const { database } = await createStore(t);
  let unfinished = 0;
  let now = 0;
  const deps = { database, clock: { now: () => now }, count: async () => unfinished };
  const work = createOpenWork(deps, { limit: 2, what: 'unfinished orders' });
  const add = () =>
    database.write(async (tx) => {
      await work.admit(tx, 'a', 1);
      unfinished += 1;
    });
  await add();
  await add();
  await assert.rejects(add, /too many unfinished orders: 2 at most/);
  unfinished = 1;
  await assert.rejects(add, /too many/, 'it was counted a moment ago');
  now += 10_000;
  await add();
  await assert.rejects(add, /too many/);
});

test('other requests get turns while a list of long orders is read', async (t) => {
  const flow = await startFlow(t);
  for (let order = 0; order < 20; order += 1) {
    await flow.client.order(Array.from({ length: 100 }, (_, index) => `h${order}-${index}.localhost`));
  }
  const json = { headers: { accept: 'application/json' } };
  for (const read of [
    async () => (await flow.client.post(`${flow.client.kid}/orders`)).body.orders,
    async () => (await flow.server.send('GET', '/admin/acme/orders?limit=20', json)).body.orders,
  ]) {
    let turns = 0;
    let isOver = false;
    const takeTurns = () => {
      turns += 1;
      if (!isOver) setImmediate(takeTurns);
    };
    takeTurns();
    const { length } = await read();
    isOver = true;
    assert.equal(length, 20);
    assert.ok(turns > 20, `${turns} turns`);
  }
});
