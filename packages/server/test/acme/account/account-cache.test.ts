// Accounts in memory follow the commits, and nothing else.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createAccountCache } from '../../../src/acme/account/account-cache.ts';
import { acmeEvent } from '../../../src/acme/events.ts';
import { createAcmeStore } from '../../../src/acme/store/store.ts';
import type { Account } from '../../../src/acme/types.ts';
import { createStore } from '../../support/store.ts';
import { createKey } from '../support/client.ts';

const ACTOR = { kind: 'operator', name: 'local' } as const;

/** An account in the store and in the cache, and a way to deactivate it. */
async function startCached(t: TestContext) {
  const { database, events, feed } = await createStore(t);
  const store = createAcmeStore(database);
  const cache = createAccountCache({ database, store });
  await feed.project(cache);
  const { jwk, thumbprint } = await createKey();
  const account: Account = {
    id: 'a'.repeat(32),
    jwk: JSON.stringify(jwk),
    thumbprint,
    status: 'valid',
    contact: [],
    termsAgreed: false,
    eabKid: undefined,
    owner: undefined,
    createdAt: 0,
  };
  await database.write((tx) => store.insertAccount(tx, account));
  const status = async () => (await cache.find(account.id))?.account.status;
  assert.equal(await status(), 'valid');
  const deactivate = (fails: boolean) =>
    database.write(async (tx) => {
      await store.updateAccount(tx, account, { status: 'deactivated' });
      await events.publish(tx, acmeEvent('account_deactivated', ACTOR, account.id));
      if (fails) throw new Error('undone');
    });
  return { account, cache, status, deactivate, store };
}

test('a change of an account is in force before the answer to its act', async (t) => {
  const { status, deactivate } = await startCached(t);
  await deactivate(false);
  assert.equal(await status(), 'deactivated');
});

test('a change that is undone does not touch the cached account', async (t) => {
  const { account, cache, status, deactivate } = await startCached(t);
  const before = await cache.find(account.id);
  await assert.rejects(deactivate(true), /undone/);
  assert.equal(await cache.find(account.id), before);
  assert.equal(await status(), 'valid');
});

test('an account that is read while it changes is not cached as it was before', async (t) => {
  const { account, cache, status, deactivate, store } = await startCached(t);
  cache.clear();
  const read = store.account;
  const { promise: changed, resolve: goOn } = Promise.withResolvers<void>();
  store.account = async (connection, id) => {
    const found = await read(connection, id);
    await changed;
    return found;
  };
  const early = cache.find(account.id);
  await new Promise((resolve) => setImmediate(resolve));
  store.account = read;
  await deactivate(false);
  goOn();
  assert.equal((await early)?.account.status, 'valid');
  assert.equal(await status(), 'deactivated');
});
