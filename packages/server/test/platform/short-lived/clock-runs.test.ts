// The runs of the clock, which survive a restart.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createClockRunRows } from '../../../src/platform/short-lived/clock-run-rows.ts';
import { openClockRuns } from '../../../src/platform/short-lived/clock-runs.ts';
import { createStore } from '../../support/store.ts';

async function setUp(t: TestContext) {
  const { clock, database } = await createStore(t);
  const rows = createClockRunRows(database);
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
    clock.advance(ms / 1000);
  };
  const open = () => openClockRuns({ clock, rows, wait });
  const reach = async (runs: Awaited<ReturnType<typeof open>>, seconds = 0) => {
    clock.advance(seconds);
    await runs.reach(clock.now());
  };
  return { clock, rows, open, reach, waits };
}

test('the store has every reached time, with one write a second', async (t) => {
  const { clock, rows, open, reach } = await setUp(t);
  const runs = await open();
  const from = clock.now();
  await Promise.all([reach(runs), reach(runs), reach(runs)]);
  assert.deepEqual(await rows.load(), [{ from, until: from + 1000 }]);
  await reach(runs, 0.999);
  assert.deepEqual(await rows.load(), [{ from, until: from + 1000 }]);
  await reach(runs, 0.001);
  assert.deepEqual(await rows.load(), [{ from, until: from + 2000 }]);
  assert.equal(runs.current, 0);
});

test('a start after a kill waits until the clock has passed the stored end, and continues that run', async (t) => {
  const { clock, rows, open, reach, waits } = await setUp(t);
  const from = clock.now();
  await reach(await open());
  clock.advance(0.25);
  const next = await open();
  assert.deepEqual([waits, next.ahead], [[750], []]);
  await reach(next);
  assert.deepEqual(await rows.load(), [{ from, until: from + 2000 }]);
});

test('a clock that is set back begins a new run, and earlier runs that are ahead are known after a start', async (t) => {
  const { clock, open, reach, waits } = await setUp(t);
  const runs = await open();
  const ahead = { from: clock.now(), until: clock.now() + 1000 };
  await reach(runs);
  await reach(runs, -3600);
  assert.equal(runs.current, 1);
  const next = await open();
  assert.deepEqual([next.ahead, next.current, waits], [[ahead], 0, [1000]]);
});

test('a clock that is set back by less than a second does not count as set back', async (t) => {
  const { open, reach } = await setUp(t);
  const runs = await open();
  await reach(runs, 10);
  await reach(runs, -0.9);
  assert.equal(runs.current, 0);
});

test('a jump far ahead begins a new run, and the years between are not part of it', async (t) => {
  const { clock, rows, open, reach } = await setUp(t);
  const runs = await open();
  const from = clock.now();
  await reach(runs);
  await reach(runs, 100_000_000);
  assert.deepEqual(await rows.load(), [
    { from, until: from + 1000 },
    { from: clock.now(), until: clock.now() + 1000 },
  ]);
});

test('a clock that is set again and again does not fill the store, and no run is lost', async (t) => {
  const { clock, rows, open, reach } = await setUp(t);
  const runs = await open();
  const from = clock.now();
  for (let index = 0; index < 40; index += 1) await reach(runs, 3600);
  const stored = await rows.load();
  assert.equal(stored.length, 16);
  assert.deepEqual([stored[0]?.from, stored.at(-1)?.until], [from + 3_600_000, clock.now() + 1000]);
});

test('a run that cannot be stored is tried again', async (t) => {
  const { clock, rows } = await setUp(t);
  let isFull = true;
  const failing = {
    ...rows,
    put: async (run: Parameters<typeof rows.put>[0]) => {
      if (isFull) throw new Error('disk full');
      await rows.put(run);
    },
  };
  const runs = await openClockRuns({ clock, rows: failing, wait: async () => {} });
  await assert.rejects(runs.reach(clock.now()), /disk full/);
  isFull = false;
  await runs.reach(clock.now());
  assert.equal((await rows.load()).length, 1);
});
