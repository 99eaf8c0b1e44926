// Filters of the ledger: each finds its entries, and none that only look similar.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { EntryFilter } from '../../src/audit/filter.ts';
import { createAudit } from '../../src/audit/index.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import type { DomainEvent } from '../../src/platform/feed/events.ts';
import { createStore } from '../support/store.ts';

const alice = { kind: 'user', name: 'alice', address: '127.0.0.1' } as const;
const stranger = { kind: 'anonymous', name: 'anonymous', address: '192.0.2.7' } as const;
const event = (type: DomainEvent['type'], more: Partial<DomainEvent> = {}): DomainEvent => ({
  type,
  actor: alice,
  outcome: 'success',
  subject: null,
  data: {},
  ...more,
});

const EVENTS = [
  event('identity.key_created', { subject: 'robot', data: { id: 'k1' } }),
  event('identity.sign_in', { subject: 'alice', data: { jti: 't1', requestId: 'r1' } }),
  event('gateway.request_denied', {
    actor: stranger,
    outcome: 'failure',
    data: { keyId: 'k1', requestId: 'r2' },
  }),
  // Text from a client is a string in the JSON, and never becomes a member.
  event('gateway.request_denied', { actor: stranger, outcome: 'failure', data: { path: '/","keyId":"k1"' } }),
  event('identityx.other', { actor: stranger }),
  event('gateway.request_denied', { actor: stranger, outcome: 'failure', data: { tokenId: 't1' } }),
];

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const { database, events, clock } = foundation;
  createAudit({ ...foundation, headKey: randomBytes(32) });
  const store = createAuditStore(database);
  const startedAt = clock.now();
  for (const each of EVENTS) {
    await database.write((tx) => events.publish(tx, each));
    clock.advance(1);
  }
  const found = async (filter: EntryFilter) => (await store.after(0, 100, filter)).map(({ seq }) => seq);
  return { store, startedAt, found };
}

test('finds by request, credential, principal, type and outcome, and by all of them together', async (t) => {
  const { found } = await setUp(t);
  assert.deepEqual(await found({}), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await found({ requestId: 'r2' }), [3]);
  assert.deepEqual(await found({ requestId: 'r' }), [2, 3], 'the beginning of an id');
  assert.deepEqual(await found({ requestId: '2' }), []);
  assert.deepEqual(await found({ credential: 'k1' }), [1, 3]);
  assert.deepEqual(await found({ credential: 't1' }), [2, 6]);
  assert.deepEqual(await found({ principal: 'alice' }), [1, 2]);
  assert.deepEqual(await found({ principal: 'robot' }), [1]);
  assert.deepEqual(await found({ type: 'identity' }), [1, 2]);
  assert.deepEqual(await found({ type: 'identity.sign_in' }), [2]);
  assert.deepEqual(await found({ type: 'identity.sign' }), []);
  assert.deepEqual(await found({ outcome: 'failure' }), [3, 4, 6]);
  assert.deepEqual(await found({ outcome: 'failure', credential: 'k1' }), [3]);
});

test('finds by time, from `since` on and before `until`', async (t) => {
  const { found, startedAt } = await setUp(t);
  assert.deepEqual(await found({ since: startedAt + 1000, until: startedAt + 3000 }), [2, 3]);
});

test('the newest entries that match come oldest first', async (t) => {
  const { store } = await setUp(t);
  const rows = await store.latest(2, { type: 'gateway' });
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    [4, 6],
  );
});
