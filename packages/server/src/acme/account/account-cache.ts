// Accounts and their imported keys by id, for every request names one. What is kept is right because every change of an account goes
// through this process, and forgets it here when it is on disk.
import type { AccountKey } from '../request/account-key.ts';
import { readAccountKey } from '../request/account-key.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account } from '../types.ts';

export interface KnownAccount {
  account: Account;
  key: AccountKey;
}

export interface AccountCache {
  find(id: string): Promise<KnownAccount | undefined>;
  /** To be called when a change was committed, before anyone hears of it. */
  forget(id: string): void;
  /** To be called within the transaction of a change: the account is read anew each time from then on, whatever becomes of it. */
  keepOut(id: string): void;
}

const ACCOUNTS_KEPT = 1000;

export function createAccountCache(store: AcmeStore): AccountCache {
  const kept = new Map<string, KnownAccount>();
  const keptOut = new Set<string>();
  let changes = 0;

  async function load(id: string): Promise<KnownAccount | undefined> {
    const before = changes;
    const account = await store.account(id);
    if (!account) return undefined;
    const known = { account, key: readAccountKey(JSON.parse(account.jwk)) };
    if (kept.size >= ACCOUNTS_KEPT) kept.clear();
    // What was read while something changed may be what it was before.
    if (changes === before && !keptOut.has(id)) kept.set(id, known);
    return known;
  }

  return {
    find: async (id) => kept.get(id) ?? load(id),
    forget(id) {
      changes += 1;
      kept.delete(id);
    },
    keepOut(id) {
      keptOut.add(id);
      kept.delete(id);
    },
  };
}
