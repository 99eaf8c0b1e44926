// The stored artifacts of the authorization server: sealed, under hashes, and some for one use only.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createArtifacts } from '../../../src/oauth/provider/artifacts.ts';
import { pruning } from '../../../src/oauth/pruning.ts';
import { createOauthStore } from '../../../src/oauth/store/store.ts';
import { createIssuedTokens } from '../../../src/oauth/token/issued-tokens.ts';
import { createRevocations } from '../../../src/oauth/token/revocations.ts';
import { createSealing } from '../../../src/platform/keys/row-sealing.ts';
import { createStore } from '../../support/store.ts';

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const store = createOauthStore();
  const revocations = createRevocations({ ...foundation, store, lifetimeSeconds: 900 });
  const usedBefore = (kind: string) => new Error(`${kind} used before`);
  const sealing = createSealing(new Uint8Array(32));
  const artifacts = createArtifacts({ ...foundation, store, revocations, sealing, usedBefore });
  return { ...foundation, store, artifacts };
}

const code = {
  kind: 'AuthorizationCode',
  jti: 'secret-code-value',
  grantId: 'g1',
  accountId: 'alice',
  clientId: 'c1',
};

test('finds an artifact until it expires, and neither its id nor its value is in the file', async (t) => {
  const { artifacts, clock, databasePath } = await setUp(t);
  const codes = artifacts.of('AuthorizationCode');
  await codes.upsert('secret-code-value', code, 60);
  assert.deepEqual(await codes.find('secret-code-value'), code);
  assert.equal(await artifacts.of('RefreshToken').find('secret-code-value'), undefined, 'kinds are apart');
  for (const file of [databasePath, `${databasePath}-wal`]) {
    assert.ok(!readFileSync(file).includes('secret-code-value'), file);
  }
  clock.advance(61_000);
  assert.equal(await codes.find('secret-code-value'), undefined);
});

test('of two uses at once, one succeeds; the other revokes the grant and everything that comes from it', async (t) => {
  const { artifacts, database, store, published } = await setUp(t);
  const codes = artifacts.of('AuthorizationCode');
  const refresh = artifacts.of('RefreshToken');
  await codes.upsert('secret-code-value', code, 60);
  await refresh.upsert('r1', { ...code, kind: 'RefreshToken', jti: 'r1' }, 600);
  const uses = await Promise.allSettled([
    codes.consume('secret-code-value'),
    codes.consume('secret-code-value'),
  ]);
  assert.deepEqual(uses.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(await refresh.find('r1'), undefined);
  assert.ok(await store.revocation(database.read, 'g1'));
  assert.ok(published.some(({ type, subject }) => type === 'oauth.revoked' && subject === 'g1'));
});

test('of two answers to a pushed request at once, one succeeds (RFC 9126 §7.3)', async (t) => {
  const { artifacts } = await setUp(t);
  const pushed = artifacts.of('PushedAuthorizationRequest');
  await pushed.upsert('p1', { kind: 'PushedAuthorizationRequest', jti: 'p1' } as never, 60);
  const [one, other] = await Promise.allSettled([pushed.consume('p1'), pushed.consume('p1')]);
  const reasons = [one, other].map((each) => each?.status === 'rejected' && each.reason.message);
  assert.deepEqual(reasons.sort(), ['PushedAuthorizationRequest used before', false].sort());
});

test('used and revoked artifacts stay so if the clock was an hour ahead and is set back', async (t) => {
  const { artifacts, store, database, clock, feed } = await setUp(t);
  const used = artifacts.of('ReplayDetection');
  const use = () => used.upsert('proof', { kind: 'ReplayDetection', jti: 'proof' } as never, 60);
  await use();
  await database.write((tx) => store.revoke(tx, 'g1', clock.now() + 900_000));
  const left: ((endsAt: number) => boolean)[] = [];
  const revocations = { sweep: (isEnded: (endsAt: number) => boolean) => void left.push(isEnded) } as never;
  const { run } = pruning({ database, clock, feed }, store, { revocations });
  const end = clock.now() + 900_000;
  clock.advance(3600);
  await run();
  clock.advance(-3600);
  await assert.rejects(use(), /used before/);
  assert.equal(await store.revocation(database.read, 'g1'), end);
  assert.equal(left[0]?.(end), false);
  clock.advance(2 * 3600);
  await run();
  assert.equal(await store.revocation(database.read, 'g1'), undefined);
  assert.equal(left[1]?.(end), true);
});

test('the id of a proof is accepted once, even if it comes twice at once', async (t) => {
  const { artifacts } = await setUp(t);
  const seen = artifacts.of('ReplayDetection');
  const put = () => seen.upsert('proof', { kind: 'ReplayDetection', jti: 'proof' } as never, 60);
  const uses = await Promise.allSettled([put(), put()]);
  assert.deepEqual(uses.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('no token is issued from a grant that was removed meanwhile, as with a new password', async (t) => {
  const { artifacts, published, ...foundation } = await setUp(t);
  const client = { client: { service: null, epoch: 1 }, secrets: [] };
  const tokens = createIssuedTokens({
    ...foundation,
    knownClients: { find: async (id: string) => (id === 'c1' ? client : undefined) } as never,
    users: new Map([['alice', { roles: ['user'], disabled: false, tokenEpoch: 2 }]]),
    services: new Map(),
  });
  const ctx = { req: { socket: {} }, oidc: { entities: {}, params: {} } } as never;
  const issue = (client_id = 'c1', sub = 'alice') =>
    tokens.complete(ctx, { accountId: sub, grantId: 'g1' }, { payload: { sub, jti: 'j1', client_id } });
  const grants = artifacts.of('Grant');
  await grants.upsert('g1', { kind: 'Grant', jti: 'g1', accountId: 'alice' } as never, 60);
  await issue();
  assert.deepEqual(
    published.map(({ type }) => type),
    ['oauth.token_issued'],
  );
  await assert.rejects(issue('c2'), { error: 'invalid_grant' }, 'a client that was removed');
  await assert.rejects(issue('c1', 'bob'), { error: 'invalid_grant' }, 'a person who was removed');
  await grants.destroy('g1');
  await assert.rejects(issue(), { error: 'invalid_grant' });
  assert.equal(published.length, 1, 'the ledger has no token that was not sent');
});
