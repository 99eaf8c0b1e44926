// Sign-ins that give tokens: rotation, reuse, idle and absolute limits, sign-out.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { TokenSubject } from '../../../src/identity/access-token.ts';
import { createSignIns } from '../../../src/identity/sign-in/sign-ins.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

const CLIENT = { address: '192.0.2.1', requestId: 'r1' };
const HOUR = 3600;
const SETTINGS = { accessSeconds: 900, idleSeconds: HOUR, lifetimeSeconds: 3 * HOUR };
const ended = refusal('credential_invalid', /sign in again/);

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  const issued: TokenSubject[] = [];
  const tokens = {
    async issue(subject: TokenSubject) {
      issued.push(subject);
      return { token: 'a.b.c', jti: randomUUID(), expiresInSeconds: 900 };
    },
  };
  const names = { issuer: 'https://localhost:9443', audience: [] };
  const signIns = createSignIns({ ...identity, tokens, names }, SETTINGS);
  await identity.feed.addSection(identity.sections.endedSignIns);
  await identity.createUser('alice');
  const begin = async () => {
    const user = await identity.users.show('alice');
    return signIns.begin({ user, amr: ['pwd'], authTime: 1 }, CLIENT);
  };
  const refresh = (token: string) => signIns.refresh(token, CLIENT);
  const endedIds = () => [...identity.sections.endedSignIns.entries.keys()];
  return { ...identity, signIns, issued, begin, refresh, endedIds };
}

test('a refresh gives a new token of the same sign-in, with the current roles', async (t) => {
  const { begin, refresh, issued, users } = await setUp(t);
  const first = await begin();
  assert.match(first.refreshToken, /^ghr_[\w-]{65}$/);
  await users.setRoles('alice', ['auditor'], ADMIN);
  const second = await refresh(first.refreshToken);
  assert.notEqual(second.refreshToken, first.refreshToken);
  const [before, after] = issued;
  assert.deepEqual([after?.roles, after?.amr, after?.authTime], [['auditor'], ['pwd'], 1]);
  assert.equal(after?.sessionId, before?.sessionId);
});

test('a refresh token that comes twice ends the sign-in, with all its tokens (RFC 9700 §4.14.2)', async (t) => {
  const { begin, refresh, issued, published, endedIds } = await setUp(t);
  const first = await begin();
  const second = await refresh(first.refreshToken);
  await assert.rejects(refresh(first.refreshToken), refusal('credential_invalid', /used before/));
  await assert.rejects(refresh(second.refreshToken), ended);
  assert.deepEqual(endedIds(), [issued[0]?.sessionId]);
  const event = published.findLast(({ type }) => type === 'identity.sign_in_ended');
  assert.deepEqual(
    [event?.type, event?.outcome, event?.data.reason],
    ['identity.sign_in_ended', 'failure', 'reuse'],
  );
});

test('of several requests with one refresh token at once, one gets tokens, and the sign-in ends', async (t) => {
  const { begin, refresh } = await setUp(t);
  const { refreshToken } = await begin();
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => refresh(refreshToken)));
  const given = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  assert.equal(given.length, 1);
  await assert.rejects(refresh(given[0]?.value.refreshToken ?? ''), ended);
});

test('refuses a text that is not one of our refresh tokens, and ends no sign-in', async (t) => {
  const { begin, refresh, endedIds, published } = await setUp(t);
  const { refreshToken } = await begin();
  for (const text of ['', 'ghr_', 'x'.repeat(69), `ghr_${'A'.repeat(65)}`, `${refreshToken}A`]) {
    await assert.rejects(refresh(text), ended);
  }
  assert.deepEqual(endedIds(), []);
  const refusals = published.filter(({ type }) => type === 'identity.refresh_refused');
  assert.equal(refusals.length, 1, 'one entry a minute');
  await refresh(refreshToken);
});

test('a sign-in ends when it is unused for too long, and always after its maximum time', async (t) => {
  const { begin, refresh, clock } = await setUp(t);
  const idle = await begin();
  clock.advance(HOUR);
  await assert.rejects(refresh(idle.refreshToken), refusal('credential_invalid', /has expired/));
  let { refreshToken, refreshExpiresInSeconds } = await begin();
  assert.equal(refreshExpiresInSeconds, HOUR);
  for (let hours = 0; hours < 3; hours += 1) {
    clock.advance(HOUR - 10);
    ({ refreshToken, refreshExpiresInSeconds } = await refresh(refreshToken));
  }
  assert.equal(refreshExpiresInSeconds, 30);
  clock.advance(30);
  await assert.rejects(refresh(refreshToken), ended);
});

test('a sign-out ends one sign-in, and its access tokens are void until they would have expired', async (t) => {
  const { begin, refresh, signIns, issued, endedIds, sections, feed, clock } = await setUp(t);
  const [gone, other] = [await begin(), await begin()];
  const id = issued[0]?.sessionId ?? '';
  await signIns.end(id, ADMIN);
  await signIns.end(id, ADMIN);
  await signIns.end('unknown', ADMIN);
  assert.deepEqual(endedIds(), [id]);
  await assert.rejects(refresh(gone.refreshToken), ended);
  await refresh(other.refreshToken);
  await feed.rebuild(sections.endedSignIns);
  assert.deepEqual(endedIds(), [id]);
  clock.advance(901);
  await signIns.prune();
  await feed.rebuild(sections.endedSignIns);
  assert.deepEqual(endedIds(), []);
});

test('a new password, a disabled and a removed user end all sign-ins', async (t) => {
  const { begin, refresh, users } = await setUp(t);
  const byPassword = await begin();
  await users.setPassword('alice', 'battery staple', ADMIN);
  await assert.rejects(refresh(byPassword.refreshToken), ended);
  const byDisabling = await begin();
  await users.setDisabled('alice', true, ADMIN);
  await users.setDisabled('alice', false, ADMIN);
  await assert.rejects(refresh(byDisabling.refreshToken), ended);
  const byRemoval = await begin();
  await users.remove('alice', ADMIN);
  await assert.rejects(refresh(byRemoval.refreshToken), ended);
});

test('a user has at most a hundred sign-ins: the one that was unused for the longest time ends', async (t) => {
  const { begin, refresh, clock } = await setUp(t);
  const all = [];
  for (let count = 0; count < 101; count += 1) {
    all.push(await begin());
    clock.advance(1);
  }
  await assert.rejects(refresh(all[0]?.refreshToken ?? ''), ended);
  await refresh(all[1]?.refreshToken ?? '');
});

test('refresh tokens are in the store as hashes only', async (t) => {
  const { begin, database } = await setUp(t);
  const { refreshToken } = await begin();
  const rows = await database.read
    .withTables<{ sign_ins: Record<string, unknown> }>()
    .selectFrom('sign_ins')
    .selectAll()
    .execute();
  assert.ok(!JSON.stringify(rows).includes(refreshToken.slice(-43)));
});
