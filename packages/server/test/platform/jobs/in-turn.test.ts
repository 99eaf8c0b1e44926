// Long work between which other work can run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns, mapInTurn } from '../../../src/platform/jobs/in-turn.ts';

test('processes a list in its order, and runs other work between its elements', async () => {
  const order: string[] = [];
  const other = () => order.push('other');
  const results = mapInTurn([1, 2], async (element) => {
    order.push(`element ${element}`);
    setImmediate(other);
    return element * 10;
  });
  assert.deepEqual(await results, [10, 20]);
  assert.deepEqual(order.slice(0, 3), ['element 1', 'other', 'element 2']);
});

test('calls that come together continue in their order, a few in each round of the event loop', async () => {
  const turns = createTurns(2);
  const order: string[] = [];
  const calls = ['a', 'b', 'c', 'd', 'e'].map((name) => turns().then(() => order.push(name)));
  for (const round of ['1', '2']) {
    await new Promise((resolve) => setImmediate(resolve));
    order.push(round);
  }
  await Promise.all(calls);
  assert.deepEqual(order, ['a', 'b', '1', 'c', 'd', '2', 'e']);
});
