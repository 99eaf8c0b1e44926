// Accounts, orders, authorizations and keys of external accounts: the only SQL of this capability.
import type { Owner } from '@gatehouse/access';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import type { Account, EabKey } from '../types.ts';
import { authorizationQueries } from './authorization-queries.ts';
import { orderQueries } from './order-queries.ts';
import type { AcmeTables, Within } from './rows.ts';
import { accountFrom, eabKeyFrom, rowFromAccount } from './rows.ts';

export type AcmeStore = ReturnType<typeof createAcmeStore>;

export function createAcmeStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<AcmeTables>();
  const tables = within(database.read);
  return {
    ...accountQueries(within),
    ...eabQueries(within),
    ...authorizationQueries(within, tables),
    ...orderQueries(within, tables),
  };
}

function accountQueries(within: Within) {
  return {
    async account(connection: Connection, id: string): Promise<Account | undefined> {
      const row = await within(connection)
        .selectFrom('acme_accounts')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && accountFrom(row);
    },
    async accountOfKey(connection: Connection, thumbprint: string): Promise<Account | undefined> {
      const row = await within(connection)
        .selectFrom('acme_accounts')
        .selectAll()
        .where('thumbprint', '=', thumbprint)
        .executeTakeFirst();
      return row && accountFrom(row);
    },
    /** The accounts after the account with the id `after`, newest first. */
    async accounts(connection: Connection, limit: number, after: string | undefined): Promise<Account[]> {
      let select = within(connection).selectFrom('acme_accounts').selectAll();
      if (after !== undefined) select = select.where('id', '<', after);
      const rows = await select.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(accountFrom);
    },
    /** The valid accounts of the owner. */
    async accountsOwnedBy(tx: Tx, { kind, name }: Owner): Promise<Account[]> {
      const rows = await within(tx)
        .selectFrom('acme_accounts')
        .selectAll()
        .where('owner_name', '=', name)
        .where('owner_kind', '=', kind)
        .where('status', '=', 'valid')
        .execute();
      return rows.map(accountFrom);
    },
    async insertAccount(tx: Tx, account: Account): Promise<void> {
      await within(tx).insertInto('acme_accounts').values(rowFromAccount(account)).execute();
    },
    /** Returns whether there was a valid account with this id and the key of this thumbprint. */
    async updateAccount(
      tx: Tx,
      { id, thumbprint }: Pick<Account, 'id' | 'thumbprint'>,
      change: Partial<Pick<Account, 'contact' | 'status' | 'jwk' | 'thumbprint'>>,
    ): Promise<boolean> {
      const { contact, ...rest } = change;
      const result = await within(tx)
        .updateTable('acme_accounts')
        .set(contact ? { ...rest, contact: JSON.stringify(contact) } : rest)
        .where('id', '=', id)
        .where('thumbprint', '=', thumbprint)
        .where('status', '=', 'valid')
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
  };
}

function eabQueries(within: Within) {
  return {
    async insertEabKey(tx: Tx, { kid, owner, createdAt }: EabKey): Promise<void> {
      await within(tx)
        .insertInto('acme_eab_keys')
        .values({ kid, owner_kind: owner.kind, owner_name: owner.name, created_at: createdAt })
        .execute();
    },
    async eabKey(connection: Connection, kid: string): Promise<EabKey | undefined> {
      const row = await within(connection)
        .selectFrom('acme_eab_keys')
        .selectAll()
        .where('kid', '=', kid)
        .executeTakeFirst();
      return row && eabKeyFrom(row);
    },
    async eabKeys(connection: Connection): Promise<EabKey[]> {
      const rows = await within(connection)
        .selectFrom('acme_eab_keys')
        .selectAll()
        .orderBy('created_at')
        .execute();
      return rows.map(eabKeyFrom);
    },
    async eabKeysOf(tx: Tx, { kind, name }: Owner): Promise<EabKey[]> {
      const rows = await within(tx)
        .selectFrom('acme_eab_keys')
        .selectAll()
        .where('owner_name', '=', name)
        .where('owner_kind', '=', kind)
        .execute();
      return rows.map(eabKeyFrom);
    },
    async deleteEabKey(tx: Tx, kid: string): Promise<void> {
      await within(tx).deleteFrom('acme_eab_keys').where('kid', '=', kid).execute();
    },
  };
}
