// Accounts (RFC 8555 §7.3): created, found, changed, deactivated, given another key, bound to a user or
// service.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import type { ExternalAccountDeps } from '../../../src/acme/account/external-account.ts';
import { createExternalAccounts } from '../../../src/acme/account/external-account.ts';
import { ACCOUNTS_AT_ONCE } from '../../../src/acme/limits.ts';
import type { TestClient, TestKey } from '../support/client.ts';
import { absolute, createClient, createKey, flattened } from '../support/client.ts';
import { obtain, readyOrder, signingRequest, startFlow } from '../support/flow.ts';
import type { AcmeAnswer, TestAcme } from '../support/server.ts';
import { assertProblem, startAcme } from '../support/server.ts';

test('an account is created once for a key, and found again by the key (RFC 8555 §7.3, §7.3.1)', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const contact = ['mailto:admin@example.com'];
  const made = await client.register({ contact, termsOfServiceAgreed: true, anything: 'else' });
  assert.equal(made.status, 201);
  assert.match(client.kid ?? '', /^https:\/\/localhost:9443\/acme\/account\/[0-9a-f]{32}$/);
  assert.deepEqual(made.json, {
    status: 'valid',
    contact,
    termsOfServiceAgreed: true,
    orders: `${client.kid}/orders`,
  });
  const { kid } = client;
  const again = await client.register({ contact: ['mailto:other@example.com'] });
  assert.equal(again.status, 200);
  assert.equal(client.kid, kid);
  assert.deepEqual(again.json, made.json);
  assert.equal((await client.register({ onlyReturnExisting: true })).status, 200);
  const events = server.store.published.filter(({ type }) => type === 'acme.account_created');
  assert.equal(events.length, 1);
  assert.equal(events[0]?.subject, kid?.split('/').at(-1));
});

test('many registrations of one key at once create one account', async (t) => {
  const server = await startAcme(t);
  const key = await createKey();
  const clients = await Promise.all(Array.from({ length: 6 }, () => createClient(server, key)));
  const answers = await Promise.all(clients.map((client) => client.register()));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 201]);
  assert.equal(new Set(clients.map(({ kid }) => kid)).size, 1);
});

test('onlyReturnExisting creates no account (RFC 8555 §7.3.1)', async (t) => {
  const client = await createClient(await startAcme(t));
  assertProblem(await client.register({ onlyReturnExisting: true }), 'accountDoesNotExist', 400);
  assertProblem(await client.register({ onlyReturnExisting: true }), 'accountDoesNotExist', 400);
});

test('contacts are mailto URLs of one mailbox each (RFC 8555 §7.3)', async (t) => {
  const client = await createClient(await startAcme(t));
  for (const contact of ['tel:+123', 'https://example.com', 'admin@example.com']) {
    assertProblem(await client.register({ contact: [contact] }), 'unsupportedContact', 400);
  }
  for (const contact of [
    'mailto:',
    'mailto:a',
    'mailto:a@b,c@d',
    'mailto:a@example.com?subject=x',
    'mailto:a@@b',
    'mailto:a@ü.de',
  ]) {
    assertProblem(await client.register({ contact: [contact] }), 'invalidContact', 400);
  }
  for (const contact of [
    'mailto:a%40b@example.com',
    'mailto:a%0Ab@example.com',
    'mailto:a%ff@example.com',
    'mailto:a%2Cb@example.com',
  ]) {
    assertProblem(await client.register({ contact: [contact] }), 'invalidContact', 400);
  }
  const long = `mailto:${'a'.repeat(30_000)}@example.com`;
  const answer = await client.register({ contact: [long] });
  assertProblem(answer, 'invalidContact', 400);
  assert.ok(answer.text.length < 500);
  const many = Array.from({ length: 11 }, (_, index) => `mailto:a${index}@example.com`);
  for (const contact of [many, 'mailto:a@example.com', [7]]) {
    assertProblem(await client.register({ contact }), 'malformed', 400);
  }
});

test('characters of a contact may be percent-encoded (RFC 6068 §2)', async (t) => {
  const client = await createClient(await startAcme(t));
  const contact = [
    'mailto:ops%2Bacme@example.com',
    'mailto:50%25%3F@example.com',
    'MAILTO:ops+acme@example.com',
  ];
  const answer = await client.register({ contact });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(answer.body.contact, contact);
});

test('members of an account that are null count as absent', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const absent = { contact: null, termsOfServiceAgreed: null, onlyReturnExisting: null };
  const made = await client.register({ ...absent, externalAccountBinding: null });
  assert.equal(made.status, 201, made.text);
  const contact = ['mailto:a@example.com'];
  assert.deepEqual((await client.post(client.kid ?? '', { contact, status: null })).body.contact, contact);
  assert.deepEqual((await client.post(client.kid ?? '', { contact: null })).body.contact, contact);
  const bound = await createClient(await startAcme(t, { requireEab: true }));
  assertProblem(await bound.register({ externalAccountBinding: null }), 'externalAccountRequired', 403);
});

test('a public JWK may have other members, and private ones that are null (RFC 7517 §4)', async (t) => {
  const client = await createClient(await startAcme(t));
  client.key = {
    ...client.key,
    jwk: { ...client.key.jwk, use: 'sig', kid: '1', d: null as unknown as string },
  };
  assert.equal((await client.register()).status, 201);
});

test('keys that are too weak, private or of another kind are badPublicKey (RFC 8555 §6.7)', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const rsa = await createKey('RS256');
  const jwk = client.key.jwk;
  const bad: unknown[] = [
    {},
    'x',
    { ...jwk, d: jwk.x },
    { ...jwk, x: jwk.y },
    { ...jwk, crv: 'P-521' },
    { kty: 'oct', k: 'AAAA' },
    { kty: 'EC', crv: 'secp256k1', x: jwk.x, y: jwk.y },
    { ...rsa.jwk, e: 'Aw' },
    { ...rsa.jwk, n: rsa.jwk.n?.slice(0, 171) },
  ];
  for (const wrong of bad) {
    const answer = await client.post('/acme/new-account', {}, { header: { jwk: wrong } });
    assertProblem(answer, 'badPublicKey', 400);
  }
  const keyless = await client.post('/acme/new-account', {}, { header: { jwk: null } });
  assertProblem(keyless, 'malformed', 400, /"jwk"/);
});

test('contacts can be changed; unknown members are ignored (RFC 8555 §7.3.2)', async (t) => {
  const { server, client } = await startFlow(t);
  const url = client.kid ?? '';
  const contact = ['mailto:new@example.com'];
  assert.deepEqual((await client.post(url, { contact, orders: 'x', status: 'valid' })).body.contact, contact);
  assert.deepEqual((await client.post(url, {})).body.contact, contact);
  assert.deepEqual((await client.post(url)).body.contact, contact);
  assertProblem(await client.post(url, { contact: ['tel:1'] }), 'unsupportedContact', 400);
  assertProblem(await client.post(url, { status: 'revoked' }), 'malformed', 400);
  assert.equal(server.store.published.at(-1)?.type, 'acme.account_updated');
  assert.deepEqual((await client.post(url, { contact: [] })).body.contact, []);
});

test('only an account itself can read and change it', async (t) => {
  const { server, client } = await startFlow(t);
  const stranger = await createClient(server);
  await stranger.register();
  assertProblem(await stranger.post(client.kid ?? ''), 'unauthorized', 403);
  assertProblem(await stranger.post(client.kid ?? '', { status: 'deactivated' }), 'unauthorized', 403);
  assertProblem(await stranger.post('/acme/account/none'), 'unauthorized', 403);
});

test('a deactivated account can do nothing, and its key cannot create another (RFC 8555 §7.3.6)', async (t) => {
  const { server, client } = await startFlow(t);
  const done = await client.post(client.kid ?? '', { status: 'deactivated' });
  assert.equal(done.body.status, 'deactivated');
  assert.equal(server.store.published.at(-1)?.type, 'acme.account_deactivated');
  assertProblem(await client.post(client.kid ?? ''), 'unauthorized', 401, /deactivated/);
  assertProblem(await client.order(['localhost']), 'unauthorized', 401);
  assertProblem(await client.register(), 'unauthorized', 401);
});

/** The two signatures of a key change (RFC 8555 §7.3.5), with the members that a test gives. */
async function changeKey(
  client: TestClient,
  next: TestKey,
  other: { header?: object; payload?: object; key?: TestKey } = {},
) {
  const url = absolute('/acme/key-change');
  const payload = { account: client.kid, oldKey: client.key.jwk, ...other.payload };
  const header = { alg: next.alg, jwk: next.jwk, url, ...other.header };
  const inner = await flattened(JSON.stringify(payload), header, other.key ?? next);
  return client.post(url, inner);
}

test('after a key change only the new key acts for the account (RFC 8555 §7.3.5)', async (t) => {
  const flow = await startFlow(t);
  const { client, server } = flow;
  const next = await createKey('EdDSA');
  const answer = await changeKey(client, next);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(server.store.published.at(-1)?.type, 'acme.account_key_changed');
  assert.doesNotMatch(JSON.stringify(server.store.published.at(-1)), /jwk/);
  assertProblem(await client.post(client.kid ?? ''), 'badSignatureAlgorithm', 400);
  const { kid } = client;
  client.key = next;
  assert.equal((await client.post(kid ?? '')).status, 200);
  assert.equal((await client.register({ onlyReturnExisting: true })).headers.get('location'), kid);
  await obtain(flow, ['localhost']);
});

test('a key change is signed by the new key and names the old one (RFC 8555 §7.3.5)', async (t) => {
  const { client } = await startFlow(t);
  const next = await createKey();
  const nonce = await client.nonce();
  const wrong = [
    { key: await createKey() },
    { header: { url: absolute('/acme/new-order') } },
    { header: { nonce } },
    { header: { jwk: undefined, kid: client.kid } },
    { payload: { account: `${client.kid}x` } },
    { payload: { account: undefined } },
    { payload: { oldKey: next.jwk } },
  ];
  for (const other of wrong) assertProblem(await changeKey(client, next, other), 'malformed', 400);
  assertProblem(await changeKey(client, next, { payload: { oldKey: 'x' } }), 'badPublicKey', 400);
  assertProblem(await client.post('/acme/key-change', {}), 'malformed', 400);
  assert.equal((await changeKey(client, next)).status, 200);
});

test('refuses a key that another account has, with the URL of that account (RFC 8555 §7.3.5)', async (t) => {
  const { server, client } = await startFlow(t);
  const other = await createClient(server);
  await other.register();
  const answer = await changeKey(client, other.key);
  assertProblem(answer, 'malformed', 409);
  assert.equal(answer.headers.get('location'), other.kid);
  assertProblem(await changeKey(client, client.key), 'malformed', 409);
});

test('if two accounts change to one key at once, one gets it, and the other gets the URL of the first', async (t) => {
  const { server, client } = await startFlow(t);
  const other = await createClient(server);
  await other.register();
  const next = await createKey();
  const answers = await Promise.all([changeKey(client, next), changeKey(other, next)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  const refused = answers.find(({ status }) => status === 409);
  const winner = answers.indexOf(refused as AcmeAnswer) === 0 ? other : client;
  assert.equal(refused?.headers.get('location'), winner.kid);
});

interface EabKey {
  kid: string;
  hmacKey: string;
}

async function createEabKey(server: TestAcme, name: string): Promise<EabKey> {
  const answer = await server.send('POST', '/admin/acme/eab', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  assert.equal(answer.status, 201, answer.text);
  return answer.json as unknown as EabKey;
}

/** The binding of RFC 8555 §7.3.4, written without a library. */
function binding(eab: EabKey, key: TestKey, header: object = {}): object {
  const members = { alg: 'HS256', kid: eab.kid, url: absolute('/acme/new-account'), ...header };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = { protected: encode(members), payload: encode(key.jwk) };
  const mac = createHmac('sha256', Buffer.from(eab.hmacKey, 'base64url'));
  return { ...signed, signature: mac.update(`${signed.protected}.${signed.payload}`).digest('base64url') };
}

test('if a binding is required, no account is created without one (RFC 8555 §7.3.4)', async (t) => {
  const server = await startAcme(t, { requireEab: true });
  const { json } = await server.send('GET', '/acme/directory');
  assert.deepEqual((json as { meta: object }).meta, {
    website: 'https://localhost:9443',
    externalAccountRequired: true,
  });
  const client = await createClient(server);
  assertProblem(await client.register(), 'externalAccountRequired', 403);
  const eab = await createEabKey(server, 'robot');
  const answer = await client.register({ externalAccountBinding: binding(eab, client.key) });
  assert.equal(answer.status, 201, answer.text);
  assert.equal((await client.register()).status, 200);
});

test('a bound account acts as its owner, in the ledger and in certificates for clients only', async (t) => {
  for (const profile of ['server', 'peer']) {
    const flow = await startFlow(t, { profile });
    const eab = await createEabKey(flow.server, 'robot');
    const client = await createClient(flow.server);
    await client.register({ externalAccountBinding: binding(eab, client.key) });
    await obtain({ ...flow, client }, ['localhost']);
    const owner = { kind: 'service', name: 'robot' };
    assert.deepEqual(flow.server.issuer.orders.at(-1)?.owner, profile === 'peer' ? owner : undefined);
    assert.deepEqual(flow.server.store.published.at(-1)?.actor, { ...owner, address: '192.0.2.7' });
  }
});

test('refuses an account after its owner was removed or disabled', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const eab = await createEabKey(server, 'robot');
  await client.register({ externalAccountBinding: binding(eab, client.key) });
  server.inactive.add('robot');
  assertProblem(await client.post(client.kid ?? ''), 'unauthorized', 403, /removed or disabled/);
  assertProblem(await client.register(), 'unauthorized', 403);
});

test('the next owner of a name does not get the accounts and keys of a removed owner', async (t) => {
  const flow = await startFlow(t);
  const { server } = flow;
  const { database, events, keyStore, published } = server.store;
  const eab = await createEabKey(server, 'robot');
  const others = await createEabKey(server, 'robot2');
  const [client, bystander] = [await createClient(server), await createClient(server)];
  await client.register({ externalAccountBinding: binding(eab, client.key) });
  await bystander.register({ externalAccountBinding: binding(others, bystander.key) });
  const { body } = await readyOrder({ ...flow, client }, ['a.localhost']);
  const actor = { kind: 'user', name: 'admin' } as const;
  const event = { actor, outcome: 'success', subject: 'robot', data: {} } as const;
  const remove = (type: 'identity.user_removed' | 'identity.service_removed') =>
    database.write((tx) => events.publish(tx, { ...event, type }));
  await remove('identity.user_removed');
  assert.equal((await client.post(client.kid ?? '')).status, 200, 'a user is not the service of that name');
  await remove('identity.service_removed');
  const gone = published.filter((each) =>
    ['acme.account_deactivated', 'acme.eab_removed'].includes(each.type),
  );
  assert.deepEqual(
    gone.map(({ actor, subject }) => [actor.name, subject]),
    [
      ['admin', client.kid?.split('/').at(-1)],
      ['admin', eab.kid],
    ],
  );
  assert.equal(await keyStore.load(`acme/eab/${eab.kid}`), undefined);
  assertProblem(await client.post(client.kid ?? ''), 'unauthorized', 401, /deactivated/);
  assertProblem(await client.order(['a.localhost']), 'unauthorized', 401);
  const csr = signingRequest(['a.localhost']);
  assertProblem(await client.post(body.finalize, { csr }), 'unauthorized', 401);
  assertProblem(await client.register(), 'unauthorized', 401);
  const late = await createClient(server);
  const bound = { externalAccountBinding: binding(eab, late.key) };
  assertProblem(await late.register(bound), 'unauthorized', 403, /does not verify/);
  assert.equal((await bystander.post(bystander.kid ?? '')).status, 200);
});

test('a removal that is rolled back changes no accounts and keys', async (t) => {
  const server = await startAcme(t);
  const { database, events } = server.store;
  const client = await createClient(server);
  const eab = await createEabKey(server, 'robot');
  await client.register({ externalAccountBinding: binding(eab, client.key) });
  const event = { outcome: 'success', subject: 'robot', data: {} } as const;
  const removal = database.write(async (tx) => {
    const actor = { kind: 'operator', name: 'local' } as const;
    await events.publish(tx, { ...event, type: 'identity.service_removed', actor });
    throw new Error('undone');
  });
  await assert.rejects(removal, /undone/);
  assert.equal((await client.post(client.kid ?? '')).status, 200);
  const other = await createClient(server);
  assert.equal((await other.register({ externalAccountBinding: binding(eab, other.key) })).status, 201);
});

test('each act checks within its transaction whether the owner of the account still exists', async (t) => {
  const flow = await startFlow(t);
  const eab = await createEabKey(flow.server, 'robot');
  const client = await createClient(flow.server);
  await client.register({ externalAccountBinding: binding(eab, client.key) });
  const { body } = await readyOrder({ ...flow, client }, ['a.localhost']);
  const csr = signingRequest(['a.localhost']);
  for (const act of [
    () => client.post(body.finalize, { csr }),
    () => client.order(['b.localhost']),
    () => client.post(client.kid ?? '', { contact: [] }),
  ]) {
    flow.server.inactive.delete('robot');
    flow.server.leaving.add('robot');
    assertProblem(await act(), 'unauthorized', 403, /removed or disabled/);
  }
  assert.equal(flow.server.issuer.issued.size, 0);
});

test('a disabled owner binds no account, even if disabled during the request', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const eab = await createEabKey(server, 'user-robot');
  const register = () => client.register({ externalAccountBinding: binding(eab, client.key) });
  server.inactive.add('user-robot');
  assertProblem(await register(), 'unauthorized', 403, /removed or disabled/);
  server.inactive.delete('user-robot');
  server.leaving.add('user-robot');
  assertProblem(await register(), 'unauthorized', 403, /removed or disabled/);
  server.leaving.delete('user-robot');
  assert.equal((await register()).status, 201);
});

test('the id and the secret of a binding’s key never begin with a hyphen, so they are not read as options', async () => {
  const drawn = [0xfb, 0x01];
  const deps = {
    ...NOTHING,
    randomBytes: (size: number) => Buffer.alloc(size, size === 32 ? drawn.shift() : 0xfb),
  };
  const key = await createExternalAccounts(deps as unknown as ExternalAccountDeps).create('robot', {
    kind: 'operator',
    name: 'local',
  });
  assert.match(key.kid, /^[0-9a-f]{24}$/);
  assert.match(key.hmacKey, /^AQEB/);
});

const NOTHING = {
  database: { write: (act: (tx: object) => unknown) => act({}) },
  store: { insertEabKey() {} },
  keyStore: { seal: async () => () => {} },
  owners: { resolve: async () => ({ kind: 'service', name: 'robot' }) },
  events: { publish() {} },
  clock: { now: () => 0 },
};

test('new accounts from one address are limited, IPv6 by /64; existing ones are still found', async (t) => {
  const server = await startAcme(t, { accountsPerHour: 360 });
  const key = await createKey();
  const known = await createClient(server, key);
  await known.register();
  for (let made = 1; made < ACCOUNTS_AT_ONCE; made += 1) {
    assert.equal((await (await createClient(server, await createKey('EdDSA'))).register()).status, 201);
  }
  const late = await createClient(server);
  const answer = await late.register();
  assertProblem(answer, 'rateLimited', 429, /this address/);
  assert.equal(answer.headers.get('retry-after'), '10');
  assert.equal((await known.register()).status, 200);
  server.store.clock.advance(10);
  assert.equal((await late.register()).status, 201);
  assertProblem(await (await createClient(server)).register(), 'rateLimited', 429);
});

test('refuses bindings that are forged, for another key or URL, or by a removed key', async (t) => {
  const server = await startAcme(t);
  const client = await createClient(server);
  const eab = await createEabKey(server, 'robot');
  const register = (externalAccountBinding: unknown) => client.register({ externalAccountBinding });
  const other = { ...eab, hmacKey: Buffer.alloc(32).toString('base64url') };
  assertProblem(await register(binding(other, client.key)), 'unauthorized', 403);
  assertProblem(await register(binding({ ...eab, kid: 'none' }, client.key)), 'unauthorized', 403);
  assertProblem(await register(binding(eab, await createKey())), 'unauthorized', 403);
  assertProblem(
    await register(binding(eab, client.key, { url: absolute('/acme/new-order') })),
    'unauthorized',
    403,
  );
  assertProblem(await register(binding(eab, client.key, { alg: 'none' })), 'badSignatureAlgorithm', 400);
  assertProblem(await register(binding(eab, client.key, { nonce: await client.nonce() })), 'malformed', 400);
  for (const value of ['x', {}, []]) assertProblem(await register(value), 'malformed', 400);
  const removed = await server.send('DELETE', `/admin/acme/eab/${eab.kid}`);
  assert.equal(removed.status, 204);
  assertProblem(await register(binding(eab, client.key)), 'unauthorized', 403);
});

test('the secret of a binding is in one answer only, and is stored sealed', async (t) => {
  const server = await startAcme(t);
  const { kid, hmacKey } = await createEabKey(server, 'user-alice');
  assert.equal(Buffer.from(hmacKey, 'base64url').length, 32);
  const { json, text } = await server.send('GET', '/admin/acme/eab');
  assert.deepEqual(json, {
    keys: [{ kid, name: 'user-alice', kind: 'user', createdAt: '2026-03-01T12:00:00.000Z' }],
  });
  assert.doesNotMatch(text, new RegExp(hmacKey));
  assert.doesNotMatch(JSON.stringify(server.store.published), new RegExp(hmacKey));
  assert.deepEqual(server.store.published.at(-1), {
    type: 'acme.eab_created',
    actor: { kind: 'operator', name: 'local', address: '192.0.2.7' },
    outcome: 'success',
    subject: kid,
    data: { owner: { kind: 'user', name: 'user-alice' } },
  });
  assert.equal((await server.send('DELETE', `/admin/acme/eab/${kid}`)).status, 204);
  assert.equal((await server.send('DELETE', `/admin/acme/eab/${kid}`)).status, 404);
  assert.equal(await server.store.keyStore.load(`acme/eab/${kid}`), undefined);
});
