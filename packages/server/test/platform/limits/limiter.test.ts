import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createLimiter } from '../../../src/platform/limits/limiter.ts';

const full = () => new Error('the queue is full');

test('runs `atOnce` acts at once, lets `waiting` wait, and refuses more', async () => {
  const limits = createLimiter({ atOnce: 2, waiting: 1, atOnceOfOne: 2, waitingOfOne: 1 }, full);
  const limiter = { run: <T>(act: () => Promise<T>) => limits.run('one', act) };
  const finish: (() => void)[] = [];
  const act = () => new Promise<void>((resolve) => finish.push(resolve));
  const first = [limiter.run(act), limiter.run(act), limiter.run(act)];
  await assert.rejects(limiter.run(act), /the queue is full/);
  assert.equal(finish.length, 2);
  finish[0]?.();
  await first[0];
  await delay(1);
  assert.equal(finish.length, 3);
  for (const done of finish) done();
  await Promise.all(first);
  const failing = limiter.run(() => Promise.reject(new Error('own')));
  await assert.rejects(failing, /own/);
  await limiter.run(async () => {});
});

test('parties that wait take turns, and none runs more than `atOnceOfOne`', async () => {
  const limiter = createLimiter({ atOnce: 2, waiting: 10, atOnceOfOne: 1, waitingOfOne: 3 }, full);
  const begun: string[] = [];
  const held: (() => void)[] = [];
  const run = (party: string, name: string) =>
    limiter.run(party, () => {
      begun.push(name);
      return new Promise<void>((resolve) => held.push(resolve));
    });
  const all = [run('a', 'a1'), run('a', 'a2'), run('a', 'a3'), run('a', 'a4'), run('b', 'b1')];
  await assert.rejects(run('a', 'a5'), /the queue is full/);
  all.push(run('c', 'c1'), run('b', 'b2'));
  await delay(1);
  assert.deepEqual(begun, ['a1', 'b1']);
  for (let ended = 0; ended < all.length; ended += 1) {
    held.shift()?.();
    await delay(1);
  }
  await Promise.all(all);
  assert.deepEqual(begun, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
});

test('`displace`: a new act replaces the last one of the party with the most waiting acts', async () => {
  const limits = { atOnce: 1, waiting: 4, atOnceOfOne: 1, waitingOfOne: 4, whenFull: 'displace' } as const;
  const limiter = createLimiter(limits, (party) => new Error(`no place for ${party}`));
  const { promise: held, resolve: finish } = Promise.withResolvers<void>();
  const first = limiter.run('a', () => held);
  const outcome = async (party: string, name: string) => {
    try {
      return await limiter.run(party, async () => `ran ${name}`);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const outcomes = [
    ...['a1', 'a2', 'a3', 'a4'].map((name) => outcome('a', name)),
    ...['b1', 'b2', 'b3'].map((name) => outcome('b', name)),
    outcome('c', 'c1'),
  ];
  finish();
  await first;
  assert.deepEqual(await Promise.all(outcomes), [
    'ran a1',
    // For c1, which has fewer waiting than both others.
    'no place for a',
    // For b2 and b1.
    'no place for a',
    'no place for a',
    'ran b1',
    'ran b2',
    // Both have two waiting.
    'no place for b',
    'ran c1',
  ]);
});
