// The counts of failed sign-ins survive a restart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFailureLimits, PASSWORD_RATES } from '../../../src/identity/sign-in/failure-limits.ts';
import { openFailureMemory } from '../../../src/identity/sign-in/failure-memory.ts';
import { createIdentityStore } from '../../../src/identity/store/store.ts';
import { refusal } from '../../support/errors.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore } from '../../support/store.ts';

const ATTEMPT = { account: 'alice', address: '192.0.2.1', isKnown: false };
const NAMED = { name: 'passwords', what: 'passwords' };

/** The limits of a new process. */
async function start({ database, clock }: TestStore) {
  const store = createIdentityStore(database);
  const { log } = createMemoryLog();
  const memory = await openFailureMemory({ database, store, clock, log });
  const rows = () => store.failures(database.read, 0);
  return { limits: createFailureLimits(PASSWORD_RATES, NAMED, { clock, memory }), memory, rows };
}

test('after too many failures, the wait continues after a restart, and is not longer', async (t) => {
  const store = await createStore(t);
  const { limits } = await start(store);
  for (let count = 0; count < 10; count += 1) await limits.failed(ATTEMPT);
  const { limits: again } = await start(store);
  assert.throws(() => again.requireRoom(ATTEMPT), refusal('too_many_requests'));
  store.clock.advance(60);
  assert.doesNotThrow(() => again.requireRoom(ATTEMPT));
});

test('counts that were reset or have expired are not stored', async (t) => {
  const store = await createStore(t);
  const { limits, memory, rows } = await start(store);
  await limits.failed(ATTEMPT);
  assert.equal((await rows()).length, 3);
  limits.succeeded(ATTEMPT);
  await memory.written();
  assert.equal((await rows()).length, 2, 'of the account and of the address');
  store.clock.advance(3600);
  await limits.failed({ ...ATTEMPT, account: 'bob', address: '192.0.2.9' });
  assert.equal((await rows()).length, 3);
});

test('the store has no names, because people sometimes type a password as the name', async (t) => {
  const { limits, rows } = await start(await createStore(t));
  await limits.failed({ ...ATTEMPT, account: 'correct horse' });
  assert.ok(!JSON.stringify(await rows()).includes('correct horse'));
});

test('many failures at once cause few writes', async (t) => {
  const store = await createStore(t);
  let writes = 0;
  const counted: TestStore = {
    ...store,
    database: {
      ...store.database,
      write: (act) => {
        writes += 1;
        return store.database.write(act);
      },
    },
  };
  const { limits } = await start(counted);
  await Promise.all(Array.from({ length: 100 }, () => limits.failed(ATTEMPT)));
  assert.ok(writes <= 2, String(writes));
});
