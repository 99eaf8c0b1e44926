// Accounts and their imported keys by id, because every request names an account. An event of an account
// removes it.

import type { ProjectedCache } from '../../platform/feed/projected-cache.ts';
import { createProjectedCache } from '../../platform/feed/projected-cache.ts';
import type { Database } from '../../platform/store/database.ts';
import { isAccountEvent } from '../events.ts';
import type { AccountKey } from '../request/account-key.ts';
import { readAccountKey } from '../request/account-key.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account } from '../types.ts';

export interface KnownAccount {
  account: Account;
  key: AccountKey;
}

export type AccountCache = ProjectedCache<KnownAccount>;

const LIMIT = 1000;

export function createAccountCache({
  database,
  store,
}: {
  database: Database;
  store: AcmeStore;
}): AccountCache {
  return createProjectedCache<KnownAccount>({
    name: 'ACME accounts',
    limit: LIMIT,
    touches: (event) => (isAccountEvent(event) ? [event.subject] : []),
    async load(id) {
      const account = await store.account(database.read, id);
      return account && { account, key: readAccountKey(JSON.parse(account.jwk)) };
    },
  });
}
