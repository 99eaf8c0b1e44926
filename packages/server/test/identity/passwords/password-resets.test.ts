// Links to choose a new password: for one use, for a short time, stored as a hash.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createPasswordResets } from '../../../src/identity/passwords/password-resets.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

const CLIENT = { address: '192.0.2.1', requestId: 'r1' };
const invalid = refusal('credential_invalid', /link does not work/);

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  await identity.createUser('alice');
  const resets = createPasswordResets(identity, 3600);
  const use = (token: string, password = 'battery staple') => resets.use({ token, password }, CLIENT);
  return { ...identity, resets, use };
}

test('sets the password once, and voids the tokens of the user', async (t) => {
  const { resets, use, users, published } = await setUp(t);
  const { tokenEpoch } = await users.show('alice');
  const { token } = await resets.create('alice', ADMIN);
  assert.equal(await use(token), 'alice');
  assert.notEqual((await users.show('alice')).tokenEpoch, tokenEpoch);
  assert.deepEqual(published.at(-1)?.actor, { kind: 'user', name: 'alice', address: CLIENT.address });
  await assert.rejects(use(token), invalid);
});

test('of two requests at once, one succeeds', async (t) => {
  const { resets, use } = await setUp(t);
  const { token } = await resets.create('alice', ADMIN);
  const outcomes = await Promise.allSettled([use(token), use(token, 'another staple')]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('the link still works after a password that the rules refuse', async (t) => {
  const { resets, use } = await setUp(t);
  const { token } = await resets.create('alice', ADMIN);
  await assert.rejects(use(token, 'short'), refusal('unprocessable'));
  assert.equal(await use(token), 'alice');
});

test('a link ends after its time, with a newer one, with a new password, and with the user', async (t) => {
  const { resets, use, users, clock } = await setUp(t);
  const late = await resets.create('alice', ADMIN);
  clock.advance(3600);
  await assert.rejects(use(late.token), invalid);
  await resets.prune();
  const replaced = await resets.create('alice', ADMIN);
  await resets.create('alice', ADMIN);
  await assert.rejects(use(replaced.token), invalid);
  const before = await resets.create('alice', ADMIN);
  await users.setPassword('alice', 'battery staple', ADMIN);
  await assert.rejects(use(before.token), invalid);
  const last = await resets.create('alice', ADMIN);
  await users.remove('alice', ADMIN);
  await assert.rejects(use(last.token), invalid);
  await assert.rejects(resets.create('alice', ADMIN), refusal('not_found'));
});

test('wrong tokens cause one ledger entry a minute, even if they differ', async (t) => {
  const { use, published } = await setUp(t);
  published.length = 0;
  for (const token of ['', 'x', 'y'.repeat(500)]) await assert.rejects(use(token), invalid);
  assert.deepEqual(
    published.map(({ type }) => type),
    ['identity.reset_refused'],
  );
});
