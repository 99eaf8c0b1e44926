// Whether an account may act: it is not deactivated, and its owner is neither removed nor disabled.
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { AcmeError } from '../problem.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, Owners } from '../types.ts';

export interface ActiveAccounts {
  /** Throws `unauthorized`. */
  require(account: Account): Promise<void>;
  /** Checks the same within the transaction of an act, because the owner may have been removed since. */
  requireStill(tx: Tx, account: Account): Promise<void>;
  /** Throws `unauthorized` if the owner of an external account key was removed or disabled. */
  requireOwner(owner: NonNullable<Account['owner']>, connection?: Connection): Promise<void>;
}

export function createActiveAccounts(deps: {
  database: Database;
  store: AcmeStore;
  owners: Pick<Owners, 'isActive'>;
}): ActiveAccounts {
  const { database, store, owners } = deps;

  async function requireOwner(
    owner: NonNullable<Account['owner']>,
    connection: Connection = database.read,
  ): Promise<void> {
    if (await owners.isActive(connection, owner)) return;
    throw new AcmeError('unauthorized', `The ${owner.kind} of this account was removed or disabled.`);
  }

  async function requireValid({ status, owner }: Pick<Account, 'status' | 'owner'>, tx?: Tx): Promise<void> {
    // RFC 8555 §7.3.6 asks for 401 here, and only here.
    if (status !== 'valid')
      throw new AcmeError('unauthorized', 'The account is deactivated.', { status: 401 });
    if (owner) await requireOwner(owner, tx);
  }

  return {
    require: (account) => requireValid(account),
    async requireStill(tx, { id, owner }) {
      if (owner)
        await requireValid({ owner, status: (await store.account(tx, id))?.status ?? 'deactivated' }, tx);
    },
    requireOwner,
  };
}
