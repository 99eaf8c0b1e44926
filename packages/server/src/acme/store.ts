// Accounts, orders, authorizations and keys of external accounts: the only SQL of this capability.
import type { Kysely } from 'kysely';
import type { Connection, Database, Tx } from '../platform/database.ts';
import type { AcmeTables } from './rows.ts';
import {
  accountFrom,
  authorizationFrom,
  columnsOf,
  eabKeyFrom,
  type Outcome,
  orderFrom,
  rowFromAccount,
  rowFromAuthorization,
  rowFromOrder,
} from './rows.ts';
import type { Account, Authorization, EabKey, Order } from './types.ts';

/** A place in a list that is sorted by time of creation and id. */
export type Cursor = readonly [createdAt: number, id: string];

type Tables = Kysely<AcmeTables>;
type Within = (tx: Tx | undefined) => Tables;

export type AcmeStore = ReturnType<typeof createAcmeStore>;

export function createAcmeStore(database: Database) {
  const within = (connection: Connection = database.read) => connection.withTables<AcmeTables>();
  return {
    ...accountQueries(within),
    ...eabQueries(within),
    ...authorizationQueries(within),
    ...orderQueries(within),
  };
}

function accountQueries(within: Within) {
  return {
    async account(id: string): Promise<Account | undefined> {
      const row = await within(undefined)
        .selectFrom('acme_accounts')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && accountFrom(row);
    },
    async accountOfKey(thumbprint: string, tx?: Tx): Promise<Account | undefined> {
      const row = await within(tx)
        .selectFrom('acme_accounts')
        .selectAll()
        .where('thumbprint', '=', thumbprint)
        .executeTakeFirst();
      return row && accountFrom(row);
    },
    /** Newest first. */
    async accounts(limit: number, after?: Cursor): Promise<Account[]> {
      let select = within(undefined).selectFrom('acme_accounts').selectAll();
      if (after) {
        select = select.where((row) =>
          row(row.refTuple('created_at', 'id'), '<', row.tuple(after[0], after[1])),
        );
      }
      const rows = await select.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(accountFrom);
    },
    async insertAccount(tx: Tx, account: Account): Promise<void> {
      await within(tx).insertInto('acme_accounts').values(rowFromAccount(account)).execute();
    },
    /** Whether the account was there, valid, and with the key of this thumbprint. */
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
    async eabKey(kid: string, tx?: Tx): Promise<EabKey | undefined> {
      const row = await within(tx)
        .selectFrom('acme_eab_keys')
        .selectAll()
        .where('kid', '=', kid)
        .executeTakeFirst();
      return row && eabKeyFrom(row);
    },
    async eabKeys(): Promise<EabKey[]> {
      const rows = await within(undefined)
        .selectFrom('acme_eab_keys')
        .selectAll()
        .orderBy('created_at')
        .execute();
      return rows.map(eabKeyFrom);
    },
    async deleteEabKey(tx: Tx, kid: string): Promise<void> {
      await within(tx).deleteFrom('acme_eab_keys').where('kid', '=', kid).execute();
    },
  };
}

function authorizationQueries(within: Within) {
  return {
    async insertAuthorizations(tx: Tx, authorizations: readonly Authorization[]): Promise<void> {
      await within(tx)
        .insertInto('acme_authorizations')
        .values(authorizations.map(rowFromAuthorization))
        .execute();
    },
    async authorization(id: string, tx?: Tx): Promise<Authorization | undefined> {
      const row = await within(tx)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && authorizationFrom(row);
    },
    async authorizations(ids: readonly string[], tx?: Tx): Promise<Authorization[]> {
      const rows = await within(tx)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('id', 'in', ids)
        .execute();
      return rows.map(authorizationFrom);
    },
    /** Valid ones of the account for any of the names, which hold beyond `expiresAfter`; those that hold longest last. */
    async validAuthorizations(
      accountId: string,
      names: readonly string[],
      { expiresAfter, validatedAfter = 0 }: { expiresAfter: number; validatedAfter?: number },
      tx?: Tx,
    ): Promise<Authorization[]> {
      const rows = await within(tx)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('name', 'in', names)
        .where('status', '=', 'valid')
        .where('expires_at', '>', expiresAfter)
        .where('validated_at', '>', validatedAfter)
        .orderBy('expires_at')
        .execute();
      return rows.map(authorizationFrom);
    },
    /** Whether it was in one of the statuses `from`, and not expired at `now`. */
    async updateAuthorization(
      tx: Tx,
      id: string,
      { from, now }: { from: readonly Authorization['status'][]; now: number },
      outcome: Outcome,
    ): Promise<boolean> {
      const result = await within(tx)
        .updateTable('acme_authorizations')
        .set(columnsOf(outcome))
        .where('id', '=', id)
        .where('status', 'in', from)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    /** What was being validated when the process ended. */
    async authorizationsInProgress(now: number): Promise<Authorization[]> {
      const rows = await within(undefined)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('status', '=', 'processing')
        .where('expires_at', '>', now)
        .execute();
      return rows.map(authorizationFrom);
    },
    async deleteAuthorizations(tx: Tx, expiredBefore: number): Promise<void> {
      await within(tx).deleteFrom('acme_authorizations').where('expires_at', '<', expiredBefore).execute();
    },
  };
}

function orderQueries(within: Within) {
  return {
    async insertOrder(tx: Tx, order: Order): Promise<void> {
      await within(tx).insertInto('acme_orders').values(rowFromOrder(order)).execute();
    },
    async order(id: string, tx?: Tx): Promise<Order | undefined> {
      const row = await within(tx)
        .selectFrom('acme_orders')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && orderFrom(row);
    },
    /** Newest first, of one account or of all. */
    async orders(
      limit: number,
      { accountId, after }: { accountId?: string; after?: Cursor | undefined },
    ): Promise<Order[]> {
      let select = within(undefined).selectFrom('acme_orders').selectAll();
      if (accountId !== undefined) select = select.where('account_id', '=', accountId);
      if (after) {
        select = select.where((row) =>
          row(row.refTuple('created_at', 'id'), '<', row.tuple(after[0], after[1])),
        );
      }
      const rows = await select.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(orderFrom);
    },
    async orderOfCertificate(serialNumber: string): Promise<Order | undefined> {
      const row = await within(undefined)
        .selectFrom('acme_orders')
        .selectAll()
        .where('certificate', '=', serialNumber)
        .executeTakeFirst();
      return row && orderFrom(row);
    },
    async ordersReplacing(tx: Tx, certificateId: string): Promise<Order[]> {
      const rows = await within(tx)
        .selectFrom('acme_orders')
        .selectAll()
        .where('replaces', '=', certificateId)
        .execute();
      return rows.map(orderFrom);
    },
    async completeOrder(tx: Tx, { id, certificate, keptUntil }: Order): Promise<void> {
      await within(tx)
        .updateTable('acme_orders')
        .set({ status: 'valid', certificate: certificate ?? null, kept_until: keptUntil })
        .where('id', '=', id)
        .execute();
    },
    async deleteOrders(tx: Tx, now: number): Promise<void> {
      await within(tx).deleteFrom('acme_orders').where('kept_until', '<', now).execute();
    },
  };
}
