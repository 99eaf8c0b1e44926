// Repeated work: it continues after a failure, never overlaps itself, and ends with the server.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createJobs } from '../../../src/platform/jobs/jobs.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { log, lines } = createMemoryLog();
  const pass = async (seconds: number) => {
    t.mock.timers.tick(seconds * 1000);
    await turn();
  };
  return { jobs: createJobs(log), lines, pass };
}

test('runs a job at its interval and not before', async (t) => {
  const { jobs, pass } = setUp(t);
  let runs = 0;
  const run = async () => {
    runs += 1;
  };
  jobs.start({ name: 'count', intervalSeconds: 10, run });
  await pass(9);
  assert.equal(runs, 0);
  await pass(1);
  await pass(10);
  assert.equal(runs, 2);
});

test('a job that fails is logged with its name and runs again on its next turn', async (t) => {
  const { jobs, lines, pass } = setUp(t);
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 1) throw new Error('the first time');
  };
  jobs.start({ name: 'stumble', intervalSeconds: 1, run });
  await pass(1);
  await pass(1);
  assert.equal(runs, 2);
  assert.equal(lines().length, 1);
  assert.equal(lines()[0]?.job, 'stumble');
  assert.match(JSON.stringify(lines()[0]), /the first time/);
});

test('a job that is still running on its next turn is not started twice', async (t) => {
  const { jobs, pass } = setUp(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const run = () => {
    runs += 1;
    return promise;
  };
  jobs.start({ name: 'slow', intervalSeconds: 1, run });
  await pass(1);
  await pass(1);
  assert.equal(runs, 1);
  resolve();
  await turn();
  await pass(1);
  assert.equal(runs, 2);
});

test('stop starts no further runs and waits for the current one', async (t) => {
  const { jobs, pass } = setUp(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const run = () => {
    runs += 1;
    return promise;
  };
  jobs.start({ name: 'slow', intervalSeconds: 1, run });
  await pass(1);
  let stopped = false;
  const stopping = jobs.stop().then(() => {
    stopped = true;
  });
  await turn();
  assert.equal(stopped, false);
  resolve();
  await stopping;
  await pass(5);
  assert.equal(runs, 1);
});

test('all jobs run after the clock was set; a running job runs again after its end', async (t) => {
  const { jobs, pass } = setUp(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  const runs = { slow: 0, rare: 0 };
  jobs.start({
    name: 'slow',
    intervalSeconds: 1,
    run() {
      runs.slow += 1;
      return runs.slow === 1 ? promise : Promise.resolve();
    },
  });
  jobs.start({
    name: 'rare',
    intervalSeconds: 3600,
    async run() {
      runs.rare += 1;
    },
  });
  await pass(1);
  jobs.runAll();
  jobs.runAll();
  assert.deepEqual(runs, { slow: 1, rare: 1 });
  resolve();
  await turn();
  assert.deepEqual(runs, { slow: 2, rare: 2 });
  await jobs.stop();
  jobs.runAll();
  assert.deepEqual(runs, { slow: 2, rare: 2 });
});
