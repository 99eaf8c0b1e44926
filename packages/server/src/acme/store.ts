// Accounts, orders, authorizations and keys of external accounts: the only SQL of this capability.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Connection, Database, Tx } from '../platform/database.ts';
import { prepareQuery } from '../platform/prepared-query.ts';
import type { Owner } from '../platform/principal.ts';
import { lowestId } from './ids.ts';
import type { AcmeTables, OrderColumns, Outcome, OutcomeColumns } from './rows.ts';
import {
  accountFrom,
  authorizationFrom,
  columnsOf,
  columnsOfOrder,
  eabKeyFrom,
  orderFrom,
  rowFromAccount,
} from './rows.ts';
import type { Account, Authorization, EabKey, Order } from './types.ts';

type AuthorizationStatus = Authorization['status'];

type Tables = Kysely<AcmeTables>;
type Within = (tx: Tx | undefined) => Tables;

export type AcmeStore = ReturnType<typeof createAcmeStore>;

export function createAcmeStore(database: Database) {
  const within = (connection: Connection = database.read) => connection.withTables<AcmeTables>();
  return {
    ...accountQueries(within),
    ...eabQueries(within),
    ...authorizationQueries(within, database.read),
    ...orderQueries(within, database.read),
  };
}

function accountQueries(within: Within) {
  return {
    async account(id: string, tx?: Tx): Promise<Account | undefined> {
      const row = await within(tx)
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
    /** Newest first; those after the one with this id. */
    async accounts(limit: number, after: string | undefined): Promise<Account[]> {
      let select = within(undefined).selectFrom('acme_accounts').selectAll();
      if (after !== undefined) select = select.where('id', '<', after);
      const rows = await select.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(accountFrom);
    },
    /** Those that are valid. */
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

function authorizationQueries(within: Within, read: Connection) {
  const table = within(undefined);
  const insert = prepareQuery(
    (
      ...[id, account_id, name, token, status, expires_at]: [string, string, string, string, string, number]
    ) => table.insertInto('acme_authorizations').values({ id, account_id, name, token, status, expires_at }),
  );
  const select = prepareQuery((id: string) =>
    table.selectFrom('acme_authorizations').selectAll().where('id', '=', id),
  );
  // One query for each number of ids: orders of many names are few.
  const selectAll = memoize((count: number) =>
    count === 1
      ? select
      : prepareQuery((...ids: string[]) =>
          table.selectFrom('acme_authorizations').selectAll().where('id', 'in', ids).orderBy('id'),
        ),
  );
  const selectValid = prepareQuery(
    (accountId: string, name: string, expiresAfter: number, validatedAfter: number) =>
      table
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('name', '=', name)
        // As a parameter it could name the status of a partial index, and SQLite would plan the query anew each time.
        .where('status', '=', sql.lit('valid'))
        .where('expires_at', '>', expiresAfter)
        .where('validated_at', '>', validatedAfter)
        .orderBy('expires_at', 'desc'),
  );
  const update = prepareQuery(
    (
      ...[status, challenge, validated_at, error, expires_at, id, from, orFrom, now]: [
        ...OutcomeColumns,
        id: string,
        from: string,
        orFrom: string,
        now: number,
      ]
    ) =>
      table
        .updateTable('acme_authorizations')
        .set({ status, challenge, validated_at, error, expires_at })
        .where('id', '=', id)
        .where('status', 'in', [from, orFrom])
        .where('expires_at', '>', now)
        .returning('id'),
  );
  return {
    async insertAuthorization(tx: Tx, authorization: Authorization): Promise<void> {
      const { id, accountId, name, token, status, expiresAt } = authorization;
      await insert(tx, id, accountId, name, token, status, expiresAt);
    },
    async authorization(id: string, connection: Connection = read): Promise<Authorization | undefined> {
      const [row] = await select(connection, id);
      return row && authorizationFrom(row);
    },
    /** Those of them that there are, at most as many as an order has names. */
    async authorizations(ids: readonly string[], connection: Connection = read): Promise<Authorization[]> {
      return (await selectAll(ids.length)(connection, ...ids)).map(authorizationFrom);
    },
    /** How many of the account wait for their challenge. */
    async pendingAuthorizations(tx: Tx, accountId: string, now: number): Promise<number> {
      const { pending } = await within(tx)
        .selectFrom('acme_authorizations')
        .select(({ fn }) => fn.countAll<number>().as('pending'))
        .where('account_id', '=', accountId)
        .where('status', 'in', ['pending', 'processing'])
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      return Number(pending);
    },
    /** A valid one of the account for this name, which holds beyond `expiresAfter`: the one that holds longest. */
    async validAuthorization(
      { accountId, name }: Pick<Authorization, 'accountId' | 'name'>,
      { expiresAfter, validatedAfter = 0 }: { expiresAfter: number; validatedAfter?: number },
      connection: Connection = read,
    ): Promise<Authorization | undefined> {
      const [row] = await selectValid(connection, accountId, name, expiresAfter, validatedAfter);
      return row && authorizationFrom(row);
    },
    /** Whether it was in a status of `from`, and not expired at `now`. */
    async updateAuthorization(
      tx: Tx,
      { from, now }: { from: readonly [AuthorizationStatus, AuthorizationStatus?]; now: number },
      { id, ...outcome }: Outcome,
    ): Promise<boolean> {
      const [first, second = first] = from;
      const rows = await update(tx, ...columnsOf(outcome), id, first, second, now);
      return rows.length > 0;
    },
    /** What was being validated when the process ended. */
    async authorizationsInProgress(now: number): Promise<Authorization[]> {
      const rows = await table
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('status', '=', 'processing')
        .where('expires_at', '>', now)
        .execute();
      return rows.map(authorizationFrom);
    },
    async deleteAuthorizations(tx: Tx, { madeBefore }: { madeBefore: number }): Promise<void> {
      await within(tx).deleteFrom('acme_authorizations').where('id', '<', lowestId(madeBefore)).execute();
    },
  };
}

function orderQueries(within: Within, read: Connection) {
  const table = within(undefined);
  const insert = prepareQuery((...[id, account_id, ...rest]: OrderColumns) => {
    const [
      status,
      names,
      authorizations,
      not_before,
      not_after,
      replaces,
      created_at,
      expires_at,
      kept_until,
    ] = rest;
    const dates = { not_before, not_after, replaces, created_at, expires_at, kept_until };
    return table
      .insertInto('acme_orders')
      .values({ id, account_id, status, names, authorizations, ...dates });
  });
  const select = prepareQuery((id: string) =>
    table.selectFrom('acme_orders').selectAll().where('id', '=', id),
  );
  const selectOfCertificate = prepareQuery((serialNumber: string) =>
    table.selectFrom('acme_orders').selectAll().where('certificate', '=', serialNumber),
  );
  const complete = prepareQuery((status: string, certificate: string, kept_until: number, id: string) =>
    table.updateTable('acme_orders').set({ status, certificate, kept_until }).where('id', '=', id),
  );
  return {
    async insertOrder(tx: Tx, order: Order): Promise<void> {
      await insert(tx, ...columnsOfOrder(order));
    },
    async order(id: string, connection: Connection = read): Promise<Order | undefined> {
      const [row] = await select(connection, id);
      return row && orderFrom(row);
    },
    /** Newest first, of one account or of all; those after the one with this id. */
    async orders(
      limit: number,
      { accountId, after }: { accountId?: string; after: string | undefined },
    ): Promise<Order[]> {
      let query = table.selectFrom('acme_orders').selectAll();
      if (accountId !== undefined) query = query.where('account_id', '=', accountId);
      if (after !== undefined) query = query.where('id', '<', after);
      const rows = await query.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(orderFrom);
    },
    /** How many of the account came to no certificate, of those that were made since then. */
    async unfinishedOrders(tx: Tx, accountId: string, madeSince: number): Promise<number> {
      const { unfinished } = await within(tx)
        .selectFrom('acme_orders')
        .select(({ fn }) => fn.countAll<number>().as('unfinished'))
        .where('account_id', '=', accountId)
        .where('id', '>=', lowestId(madeSince))
        .where('status', '=', 'pending')
        .executeTakeFirstOrThrow();
      return Number(unfinished);
    },
    async orderOfCertificate(serialNumber: string): Promise<Order | undefined> {
      const [row] = await selectOfCertificate(read, serialNumber);
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
    async completeOrder(
      tx: Tx,
      id: string,
      { certificate, keptUntil }: { certificate: string; keptUntil: number },
    ): Promise<void> {
      await complete(tx, 'valid', certificate, keptUntil, id);
    },
    /** Of those that were made so long ago, the ones that need be kept no longer. */
    async deleteOrders(tx: Tx, { madeBefore, now }: { madeBefore: number; now: number }): Promise<void> {
      await within(tx)
        .deleteFrom('acme_orders')
        .where('id', '<', lowestId(madeBefore))
        .where('kept_until', '<', now)
        .execute();
    },
  };
}

function memoize<R>(create: (count: number) => R): (count: number) => R {
  const known = new Map<number, R>();
  return (count) => {
    const result = known.get(count) ?? create(count);
    known.set(count, result);
    return result;
  };
}
