// Authorizations before an order (RFC 8555 §7.4.1), as a client sees them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createIds } from '../../../src/acme/ids.ts';
import { createAcmeStore } from '../../../src/acme/store/store.ts';
import type { TestStore } from '../../support/store.ts';
import { createClient } from '../support/client.ts';
import { meetHttp01, signingRequest, startFlow } from '../support/flow.ts';
import { assertProblem } from '../support/server.ts';

const NEW_AUTHZ = 'https://localhost:9443/acme/new-authz';

function identifier(value: string, type = 'dns') {
  return { identifier: { type, value } };
}

test('a name that was validated before makes the next order ready', async (t) => {
  const { client, web } = await startFlow(t);
  const created = await client.post(NEW_AUTHZ, identifier('LOCALHOST'));
  assert.equal(created.status, 201);
  assert.deepEqual(
    [created.body.status, created.body.identifier],
    ['pending', { type: 'dns', value: 'localhost' }],
  );
  const url = created.headers.get('location') ?? '';
  assert.equal((await meetHttp01({ web, client }, url)).body.status, 'valid');

  const order = await client.order(['localhost']);
  assert.deepEqual([order.body.status, order.body.authorizations], ['ready', [url]]);
  const final = await client.post(order.body.finalize, { csr: signingRequest(['localhost']) });
  assert.equal(final.body.status, 'valid');
});

test('returns an existing pending or valid authorization again, with 200', async (t) => {
  const { client, web } = await startFlow(t);
  const answers = await Promise.all([1, 2, 3].map(() => client.post(NEW_AUTHZ, identifier('localhost'))));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 201]);
  assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1);

  const ordered = await client.order(['a.localhost']);
  const [url = ''] = ordered.body.authorizations;
  const pending = await client.post(NEW_AUTHZ, identifier('a.localhost'));
  assert.deepEqual([pending.status, pending.headers.get('location')], [200, url]);
  await meetHttp01({ web, client }, url);
  const valid = await client.post(NEW_AUTHZ, identifier('a.localhost'));
  assert.deepEqual([valid.status, valid.headers.get('location'), valid.body.status], [200, url, 'valid']);
});

test('does not return a deactivated or expired authorization, or one of another account', async (t) => {
  const { client, server } = await startFlow(t);
  const first = await client.post(NEW_AUTHZ, identifier('localhost'));
  await client.post(first.headers.get('location') ?? '', { status: 'deactivated' });
  const second = await client.post(NEW_AUTHZ, identifier('localhost'));
  const other = await createClient(server);
  await other.register();
  const others = await other.post(NEW_AUTHZ, identifier('localhost'));
  server.store.clock.advance(24 * 3600);
  const third = await client.post(NEW_AUTHZ, identifier('localhost'));
  const answers = [first, second, others, third];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201, 201, 201],
  );
  assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 4);
});

test('refuses names that cannot be ordered, and wildcards, which need an order', async (t) => {
  const { client } = await startFlow(t, { names: ['*.localhost', 'localhost', '127.0.0.0/8'] });
  assertProblem(
    await client.post(NEW_AUTHZ, identifier('*.localhost')),
    'rejectedIdentifier',
    403,
    /wildcard/i,
  );
  assertProblem(await client.post(NEW_AUTHZ, identifier('example.com')), 'rejectedIdentifier', 403);
  assertProblem(await client.post(NEW_AUTHZ, identifier('x', 'email')), 'unsupportedIdentifier', 400);
  assertProblem(await client.post(NEW_AUTHZ, identifier('a..b')), 'malformed', 400);
  assertProblem(await client.post(NEW_AUTHZ, { identifier: 'localhost' }), 'malformed', 400);
  assert.equal((await client.post(NEW_AUTHZ, identifier('127.0.0.1', 'ip'))).status, 201);
});

test('authorizations without an order count as pending authorizations of their account', async (t) => {
  const { client } = await startFlow(t, { pendingAuthorizations: 2 });
  for (const name of ['a.localhost', 'b.localhost', 'b.localhost']) {
    assert.ok((await client.post(NEW_AUTHZ, identifier(name))).status < 300);
  }
  assertProblem(await client.post(NEW_AUTHZ, identifier('c.localhost')), 'rateLimited', 429);
});

test('also limits authorizations that an account deactivates again, until a day has passed', async (t) => {
  const { client, server } = await startFlow(t);
  await giveUp(server.store, client.kid?.split('/').at(-1) ?? '', 1999);
  const askAndGiveUp = async () => {
    const created = await client.post(NEW_AUTHZ, identifier('localhost'));
    await client.post(created.headers.get('location') ?? NEW_AUTHZ, { status: 'deactivated' });
    return created;
  };
  assert.equal((await askAndGiveUp()).status, 201);
  assertProblem(await askAndGiveUp(), 'rateLimited', 429, /failed or deactivated/);
  server.store.clock.advance(24 * 3600 + 1);
  assert.equal((await askAndGiveUp()).status, 201);
});

test('does not return an authorization that expires within the hour, but creates a new one', async (t) => {
  const { client, server } = await startFlow(t);
  const first = await client.post(NEW_AUTHZ, identifier('localhost'));
  server.store.clock.advance(23 * 3600 + 1);
  const second = await client.post(NEW_AUTHZ, identifier('localhost'));
  assert.equal(second.status, 201);
  assert.notEqual(second.headers.get('location'), first.headers.get('location'));
});

/** So many authorizations of an account, all deactivated. */
async function giveUp({ database, clock }: TestStore, accountId: string, count: number): Promise<void> {
  const store = createAcmeStore(database);
  const ids = createIds({ clock, randomBytes });
  const unanswered = { challenge: undefined, validatedAt: undefined, error: undefined };
  await database.write(async (tx) => {
    for (let made = 0; made < count; made += 1) {
      await store.insertAuthorization(tx, {
        id: ids.next(),
        accountId,
        name: 'localhost',
        token: ids.token(),
        status: 'deactivated',
        expiresAt: clock.now() + 1000,
        ...unanswered,
      });
    }
  });
}
