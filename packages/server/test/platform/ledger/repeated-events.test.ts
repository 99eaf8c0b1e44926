// Events that clients can cause at will: the first of equal ones is written at once, the others are counted,
// and entries are few.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { DomainEvent } from '../../../src/platform/feed/events.ts';
import { createRepeatedEvents } from '../../../src/platform/ledger/repeated-events.ts';
import { createStore } from '../../support/store.ts';

function denial(more: { address?: string; data?: DomainEvent['data']; name?: string } = {}): DomainEvent {
  const { address = '192.0.2.1', data = {}, name = 'anonymous' } = more;
  const actor = { kind: 'anonymous', name, address } as const;
  return {
    type: 'a.denied',
    actor,
    outcome: 'failure',
    subject: '1:/x',
    data: { code: 'forbidden', ...data },
  };
}

async function setUp(t: TestContext) {
  const store = await createStore(t);
  return { ...store, repeated: createRepeatedEvents(store) };
}

test('the first is written at once and completely; equal ones become a count with the first and last time', async (t) => {
  const { repeated, published, clock } = await setUp(t);
  await repeated.record(denial({ data: { requestId: 'r1' } }));
  assert.deepEqual(published, [denial({ data: { requestId: 'r1' } })]);
  for (let times = 2; times < 100; times += 1) {
    clock.advance(0.1);
    await repeated.record(denial({ data: { requestId: `r${times}`, tokenId: `t${times}` } }));
  }
  assert.equal(published.length, 1);
  await repeated.flush();
  const { count, first, last, requestId, code } = published[1]?.data ?? {};
  assert.deepEqual([code, count, requestId], ['forbidden', 98, undefined]);
  assert.deepEqual([first, last], ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:09.800Z']);
  await repeated.flush();
  assert.equal(published.length, 2);
  await repeated.record(denial());
  assert.equal(published.length, 3, 'a new minute begins');
});

test('an equal one waits for the record of the first, and fails with it', async (t) => {
  const { repeated, events, published } = await setUp(t);
  let isFull = true;
  events.subscribe(async () => {
    if (isFull) throw new Error('the disk is full');
  });
  const both = [repeated.record(denial()), repeated.record(denial())];
  for (const one of both) await assert.rejects(one, /the disk is full/);
  isFull = false;
  published.length = 0;
  await repeated.record(denial());
  assert.equal(published.length, 1);
});

test('events that differ in more than the ids of the request have separate entries', async (t) => {
  const { repeated, published } = await setUp(t);
  const different = [
    denial(),
    denial({ address: '192.0.2.2' }),
    denial({ name: 'alice' }),
    denial({ data: { path: '/y' } }),
    { ...denial(), subject: '2:/y' },
    { ...denial(), type: 'b.denied' as const },
  ];
  for (const event of [...different, ...different]) await repeated.record(event);
  assert.equal(published.length, different.length);
});

test('one address causes a limited number of entries a minute, even with different requests', async (t) => {
  const { repeated, published } = await setUp(t);
  for (let times = 0; times < 500; times += 1) await repeated.record(denial({ data: { path: `/${times}` } }));
  assert.equal(published.length, 101);
  assert.equal(published[100]?.data.path, '/100', 'the first of the others is whole');
  await repeated.flush();
  const others = published.at(-1);
  assert.deepEqual([others?.subject, others?.data.code, others?.data.count], [null, 'various', 399]);
  assert.equal(published.length, 102);
});

test('addresses in an IPv6 /64 count as one', async (t) => {
  const { repeated, published } = await setUp(t);
  await repeated.record(denial({ address: '2001:db8::1' }));
  await repeated.record(denial({ address: '2001:db8::2' }));
  assert.equal(published.length, 1);
});

test('counts that could not be written are written the next time', async (t) => {
  const { repeated, published, events } = await setUp(t);
  let isFull = false;
  events.subscribe(async () => {
    if (isFull) throw new Error('the disk is full');
  });
  for (let times = 0; times < 3; times += 1) await repeated.record(denial());
  isFull = true;
  await assert.rejects(repeated.flush(), /the disk is full/);
  isFull = false;
  await repeated.record(denial());
  published.length = 0;
  await repeated.flush();
  assert.deepEqual(
    published.map(({ data }) => data.count),
    [3],
  );
});
