// The limit of open work of an account. The work is counted again near the limit, also after the clock was
// set back.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createOpenWork } from '../../../src/acme/validation/open-work.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createStore } from '../../support/store.ts';

test('after the clock was set back by hours, finished work does not count for hours', async (t) => {
  const { database } = await createStore(t);
  const clock = createFakeClock();
  let open = 2;
  const work = createOpenWork({ database, clock, count: async () => open }, { limit: 2, what: 'orders' });
  const admit = () => database.write((tx) => work.admit(tx, 'one', 1));
  await assert.rejects(admit(), /too many orders/);
  open = 0;
  await assert.rejects(admit(), /too many orders/, 'it was counted a moment ago');
  clock.advance(-7200);
  await admit();
});

/** An account with nothing on disk and a limit of two. */
async function startLimited(t: TestContext) {
  const { database } = await createStore(t);
  const counted: string[] = [];
  const count = async (_connection: unknown, account: string) => {
    counted.push(account);
    return 0;
  };
  const clock = createFakeClock();
  const work = createOpenWork({ database, clock, count }, { limit: 2, what: 'orders' });
  const admit = (fails = false) =>
    database.write(async (tx) => {
      await work.admit(tx, 'one', 1);
      if (fails) throw new Error('undone');
    });
  return { database, work, admit, counted };
}

test('acts of one commit count together, so they do not exceed the limit', async (t) => {
  const { admit } = await startLimited(t);
  const acts = await Promise.allSettled(Array.from({ length: 8 }, () => admit()));
  assert.equal(acts.filter(({ status }) => status === 'fulfilled').length, 2);
});

test('an act that is rolled back does not count', async (t) => {
  const { admit, counted } = await startLimited(t);
  for (let undone = 0; undone < 5; undone += 1) await assert.rejects(admit(true), /undone/);
  await admit();
  await admit();
  assert.deepEqual(counted, ['one'], 'it was never too much, so it was counted once');
});

test('the acts of a commit that fails do not count', async (t) => {
  const { database, admit } = await startLimited(t);
  let fails = true;
  database.beforeCommit(async () => {
    if (fails) throw new Error('the commit fails');
  });
  await Promise.all([1, 2].map(() => assert.rejects(admit(), /the commit fails/)));
  fails = false;
  await admit();
  await admit();
});
