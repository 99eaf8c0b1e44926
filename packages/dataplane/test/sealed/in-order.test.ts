import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InOrder } from '../../src/sealed/in-order.ts';

const unexpected = (error: unknown) => assert.fail(String(error));

test('uses a result at once if nothing waits, and otherwise in the order of the work', async () => {
  const order = new InOrder();
  const seen: number[] = [];
  order.run(
    () => 1,
    (one) => seen.push(one),
    unexpected,
  );
  assert.deepEqual(seen, [1]);
  const first = Promise.withResolvers<number>();
  order.run(
    () => first.promise,
    (one) => seen.push(one),
    unexpected,
  );
  order.run(
    () => 3,
    (one) => seen.push(one),
    unexpected,
  );
  assert.deepEqual([seen, order.isBusy], [[1], true]);
  first.resolve(2);
  await new Promise<void>((resolve) => order.whenIdle(resolve));
  assert.deepEqual([seen, order.isBusy], [[1, 2, 3], false]);
});

test('reports failed work', async () => {
  const order = new InOrder();
  const failures: unknown[] = [];
  const fail = () => {
    throw new Error('now');
  };
  order.run(fail, unexpected, (error) => failures.push((error as Error).message));
  order.run(
    () => Promise.reject(new Error('later')),
    unexpected,
    (error) => failures.push((error as Error).message),
  );
  await new Promise<void>((resolve) => order.whenIdle(resolve));
  assert.deepEqual(failures, ['now', 'later']);
});
