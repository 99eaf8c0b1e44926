import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEncryptedSessions, type SessionLimits } from '../src/index.ts';

const HOUR = 3_600_000;
const key = (byte: number) => new Uint8Array(32).fill(byte);

function sessionsAt(now: { ms: number }, limits: SessionLimits = {}) {
  const sessions = createEncryptedSessions(() => now.ms, limits);
  const agree = (clientId: string, { byte = 1, address = 'here', owner = '', offerEndsAt = HOUR } = {}) =>
    sessions.agree({ clientId, publicKey: key(byte), offerEndsAt, address, owner });
  const use = (clientId: string, time: number, id: number, owner = '') =>
    sessions.use({ clientId, owner, time, id });
  return { sessions, agree, use };
}

test('accepts the first key of an offer, the same key again, and no other', () => {
  const { sessions, agree } = sessionsAt({ ms: 0 });
  assert.equal(agree('a', { byte: 1 }), 'agreed');
  assert.equal(agree('a', { byte: 1 }), 'repeated');
  assert.equal(agree('a', { byte: 2 }), 'taken');
  assert.deepEqual(sessions.publicKeyOf('a'), key(1));
});

test('accepts no second key after the session of the first has ended, while the offer is valid', () => {
  const now = { ms: 0 };
  const { sessions, agree } = sessionsAt(now, { sessionSeconds: 10 });
  agree('a', { byte: 1 });
  now.ms = 10_000;
  assert.equal(sessions.publicKeyOf('a'), undefined);
  for (const byte of [1, 2]) assert.equal(agree('a', { byte }), 'taken');
});

test('a session belongs to the caller that began it', () => {
  const { agree, use } = sessionsAt({ ms: 0 });
  agree('a', { owner: 'user alice' });
  assert.equal(agree('a', { owner: 'user bob' }), 'taken');
  assert.equal(use('a', 0, 1, 'user bob'), 'unknown');
  assert.equal(use('a', 0, 1, 'user alice'), 'first');
});

test('accepts a token once; tokens of other sessions or other seconds do not count for it', () => {
  const { agree, use } = sessionsAt({ ms: 0 });
  agree('a');
  agree('b');
  assert.equal(use('a', 0, 7), 'first');
  assert.equal(use('a', 0, 7), 'again');
  assert.equal(use('a', 1, 7), 'first');
  assert.equal(use('b', 0, 7), 'first');
  assert.equal(use('c', 0, 7), 'unknown');
});

test('remembers a token until it is too old to be accepted', () => {
  const now = { ms: 0 };
  const { agree, use } = sessionsAt(now, { tokenSeconds: 60, maxTokens: 4 });
  agree('a');
  assert.equal(use('a', 60, 1), 'first');
  assert.equal(use('a', 0, 2), 'full');
  now.ms = 125_999;
  assert.equal(use('a', 60, 1), 'again');
  now.ms = 126_000;
  assert.equal(use('a', 120, 2), 'first');
});

test('refuses a token that is older than the newest of its session, if tokens must be in order', () => {
  for (const [inOrder, outcome] of [
    [true, 'late'],
    [false, 'first'],
  ] as const) {
    const { agree, use } = sessionsAt({ ms: 0 }, { inOrder });
    agree('a');
    use('a', 5, 1);
    assert.equal(use('a', 4, 2), outcome);
    assert.equal(use('a', 5, 3), 'first');
  }
});

test('one session may have a quarter of the tokens, and the end of a session frees them', () => {
  const now = { ms: 0 };
  const { agree, use } = sessionsAt(now, { maxTokens: 8, sessionSeconds: 10 });
  for (const id of ['a', 'b', 'c', 'd', 'e']) agree(id);
  assert.deepEqual(
    [1, 2, 3].map((id) => use('a', 0, id)),
    ['first', 'first', 'full'],
  );
  for (const client of ['b', 'c', 'd']) for (const id of [1, 2]) assert.equal(use(client, 0, id), 'first');
  assert.equal(use('e', 0, 1), 'full');
  now.ms = 10_000;
  agree('f');
  assert.equal(use('f', 0, 1), 'first');
});

test('at the limit, removes the least recently used session of the address with the most sessions', () => {
  const now = { ms: 0 };
  const { sessions, agree, use } = sessionsAt(now, { maxSessions: 4 });
  agree('quiet', { address: 'quiet' });
  for (const id of ['flood 1', 'flood 2', 'flood 3']) agree(id, { address: 'flood' });
  now.ms = 60_000;
  use('flood 1', 0, 1);
  agree('flood 4', { address: 'flood' });
  agree('new', { address: 'new' });
  assert.equal(sessions.size, 4);
  const alive = ['quiet', 'flood 1', 'flood 2', 'flood 3', 'flood 4', 'new'].filter((id) =>
    sessions.publicKeyOf(id),
  );
  assert.deepEqual(alive, ['quiet', 'flood 1', 'flood 4', 'new']);
});

test('limits the keys of one address and of all together, until their offers have expired', () => {
  const now = { ms: 0 };
  const { agree } = sessionsAt(now, { maxExchanges: 3, maxExchangesPerAddress: 2 });
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => agree(id, { address: 'one', offerEndsAt: 1000 })),
    ['agreed', 'agreed', 'full'],
  );
  assert.equal(agree('d', { address: 'two', offerEndsAt: 1000 }), 'agreed');
  assert.equal(agree('e', { address: 'three', offerEndsAt: 1000 }), 'full');
  now.ms = 1000;
  assert.equal(agree('f', { address: 'one', offerEndsAt: 2000 }), 'agreed');
});
