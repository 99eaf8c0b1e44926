// Counted refusals: one entry for each kind and address share, few entries, and no lost counts.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createRefusalCounter } from '../../../src/platform/ledger/refusal-counter.ts';
import { createStore } from '../../support/store.ts';

async function setUp(t: TestContext) {
  const store = await createStore(t);
  const refusals = createRefusalCounter(store);
  const count = (
    address: string,
    type: 'a.refused' | 'b.refused' = 'a.refused',
    subject: string | null = null,
  ) => refusals.count({ type, subject, address });
  return { ...store, refusals, count };
}

test('refusals of one kind from one address share are one entry, with the first and last time', async (t) => {
  const { refusals, count, clock, published } = await setUp(t);
  count('2001:db8::1');
  clock.advance(3);
  count('2001:db8::2');
  count('192.0.2.1');
  clock.advance(4);
  for (let more = 0; more < 1000; more += 1) count('2001:db8::3');
  count('192.0.2.1', 'b.refused', 'the listener');
  assert.deepEqual(published, []);
  await refusals.flush();
  const [first, second, third] = [
    '2026-03-01T12:00:00.000Z',
    '2026-03-01T12:00:03.000Z',
    '2026-03-01T12:00:07.000Z',
  ];
  const entry = (address: string, data: object, type = 'a.refused', subject: string | null = null) => ({
    type,
    actor: { kind: 'anonymous', name: 'anonymous', address },
    outcome: 'failure',
    subject,
    data,
  });
  assert.deepEqual(published, [
    entry('2001:db8::/64', { count: 1002, first, last: third }),
    entry('192.0.2.1', { count: 1, first: second, last: second }),
    entry('192.0.2.1', { count: 1, first: third, last: third }, 'b.refused', 'the listener'),
  ]);
});

test('counts are not written twice', async (t) => {
  const { refusals, count, published } = await setUp(t);
  count('192.0.2.1');
  await refusals.flush();
  await refusals.flush();
  count('192.0.2.1');
  await refusals.flush();
  assert.deepEqual(
    published.map(({ data }) => data.count),
    [1, 1],
  );
});

test('beyond a hundred address shares the others are counted together', async (t) => {
  const { refusals, count, published } = await setUp(t);
  for (let host = 0; host < 5000; host += 1) count(`10.0.${host >> 8}.${host & 255}`);
  count('10.0.0.0');
  await refusals.flush();
  assert.equal(published.length, 101);
  assert.equal(published[0]?.data.count, 2);
  assert.deepEqual(published.at(-1)?.actor.address, 'others');
  assert.equal(published.at(-1)?.data.count, 4900);
});

test('counts that could not be written are written the next time', async (t) => {
  const { refusals, count, published, events, clock } = await setUp(t);
  let isFull = true;
  events.subscribe(async () => {
    if (isFull) throw new Error('the disk is full');
  });
  count('192.0.2.1');
  await assert.rejects(refusals.flush(), /the disk is full/);
  clock.advance(60);
  count('192.0.2.1');
  published.length = 0;
  isFull = false;
  await refusals.flush();
  assert.deepEqual(published[0]?.data, {
    count: 2,
    first: '2026-03-01T12:00:00.000Z',
    last: '2026-03-01T12:01:00.000Z',
  });
});
