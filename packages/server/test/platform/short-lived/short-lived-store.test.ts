import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createShortLivedStore } from '../../../src/platform/short-lived/short-lived-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function setUp() {
  const clock = createFakeClock();
  const store = createShortLivedStore<string>(clock, { perOwner: 2 });
  const put = (id: string, owner = 'alice') =>
    store.put(id, `value of ${id}`, { owner, lifetimeSeconds: 60 });
  return { clock, store, put };
}

test('a value is found until its lifetime is over', async () => {
  const { clock, store, put } = setUp();
  await put('a');
  assert.equal(await store.find('a'), 'value of a');
  clock.advance(59);
  assert.equal(await store.find('a'), 'value of a');
  clock.advance(1);
  assert.equal(await store.find('a'), undefined);
  assert.equal(await store.take('a'), undefined);
});

test('a value can be taken only once', async () => {
  const { store, put } = setUp();
  await put('a');
  const taken = await Promise.all([store.take('a'), store.take('a')]);
  assert.deepEqual(taken, ['value of a', undefined]);
});

test('a new value replaces the oldest of its owner, never one of another owner', async () => {
  const { store, put } = setUp();
  await put('other', 'bob');
  for (const id of ['a', 'b', 'c']) await put(id);
  assert.deepEqual(await Promise.all(['a', 'b', 'c', 'other'].map(store.find)), [
    undefined,
    'value of b',
    'value of c',
    'value of other',
  ]);
});

test('removes all values of an owner together', async () => {
  const { store, put } = setUp();
  await put('other', 'bob');
  await put('a');
  await store.removeOf('alice');
  await store.removeOf('zoe');
  assert.deepEqual(await Promise.all(['a', 'other'].map(store.find)), [undefined, 'value of other']);
});
