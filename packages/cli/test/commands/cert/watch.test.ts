// When a watched certificate is renewed, and what happens if that fails. The test sets the clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dueAt, type Life, type WatchTask, watch } from '../../../src/commands/cert/watch.ts';

const HOUR = 3_600_000;
const day: Life = { serial: '1', begin: 0, end: 24 * HOUR };

test('renews after two thirds of the lifetime and a random delay, before three quarters', () => {
  assert.equal(dueAt(day, 0), 16 * HOUR);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (jitter) => {
      const due = dueAt(day, jitter);
      return due >= 16 * HOUR && due < 18 * HOUR;
    }),
  );
});

test('renews again and again, each time when it is due', async () => {
  const run = simulation({ until: 60 * HOUR });
  await run.done;
  assert.deepEqual(run.renewals.map(Math.round), [16 * HOUR, 32 * HOUR, 48 * HOUR]);
});

test('reports at the start and after each renewal when the next one is due', async () => {
  const run = simulation({ until: 40 * HOUR });
  await run.done;
  assert.deepEqual(run.announced.map(Math.round), [16 * HOUR, 32 * HOUR, 48 * HOUR]);
});

test('checks the clock every minute, because timers stop while a machine sleeps', async () => {
  const run = simulation({ until: HOUR });
  await run.done;
  assert.ok(run.sleeps.every((milliseconds) => milliseconds <= 60_000));
});

test('tries again after failures with growing delays, and continues after a success', async () => {
  const run = simulation({ until: 20 * HOUR, failures: 6 });
  await run.done;
  assert.equal(run.retries.length, 6);
  assert.deepEqual(
    run.retries,
    [...run.retries].sort((a, b) => a - b),
  );
  assert.equal(run.retries[0], 500);
  assert.equal(run.renewals.length, 1);
});

test('never waits for longer than five minutes for another try', async () => {
  const run = simulation({ until: 22 * HOUR, failures: Number.POSITIVE_INFINITY });
  await run.done;
  assert.ok(run.retries.length > 50);
  assert.equal(Math.max(...run.retries), 150_000);
});

test('gives up with the last failure when the certificate has expired', async () => {
  const run = simulation({ until: 30 * HOUR, failures: Number.POSITIVE_INFINITY });
  await assert.rejects(run.done, { message: 'the server is away' });
  assert.ok(run.now() >= 24 * HOUR && run.now() < 25 * HOUR);
});

test('notices a certificate that another program has replaced', async () => {
  const run = simulation({ until: 30 * HOUR, replacedAt: 10 * HOUR });
  await run.done;
  assert.deepEqual(run.renewals, [26 * HOUR]);
});

test('does not renew without a pause when clocks disagree', async () => {
  const run = simulation({ until: 20 * HOUR, bornDue: true });
  await run.done;
  assert.ok(run.retries.length > 0);
  assert.ok(run.renewals.length < 150, `${run.renewals.length} renewals in four hours`);
});

interface Scenario {
  /** Milliseconds at which the watch is stopped. */
  until: number;
  /** The number of tries that fail. */
  failures?: number;
  /** When another program replaces the files, in milliseconds. */
  replacedAt?: number;
  /** Whether every new certificate is due at once. */
  bornDue?: boolean;
}

function simulation({ until, failures = 0, replacedAt = Number.POSITIVE_INFINITY, bornDue }: Scenario) {
  let [now, life, left] = [0, day, failures];
  const [renewals, retries, sleeps, announced]: number[][] = [[], [], [], []];
  const stopping = new AbortController();
  const replace = () => {
    const begin = bornDue ? now - 23 * HOUR : now;
    life = { serial: String(Number(life.serial) + 1), begin, end: begin + 24 * HOUR };
  };
  const task: WatchTask = {
    async read() {
      if (now >= replacedAt && life.begin < replacedAt) replace();
      return life;
    },
    async renew() {
      left -= 1;
      if (left >= 0) throw new Error('the server is away');
      renewals?.push(now);
      replace();
    },
    waiting: (untilMs) => void announced?.push(untilMs),
    failed: (_error, milliseconds) => void retries?.push(milliseconds),
  };
  const deps = {
    now: () => now,
    random: () => 0,
    async sleep(milliseconds: number) {
      sleeps?.push(milliseconds);
      now += milliseconds;
      if (now >= until) stopping.abort();
    },
  };
  const done = watch(task, deps, stopping.signal);
  const lists = { renewals: renewals ?? [], retries: retries ?? [], sleeps: sleeps ?? [] };
  return { done, ...lists, announced: announced ?? [], now: () => now };
}
