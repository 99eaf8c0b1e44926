// Authorizations in the store: part of `store.ts`. SQLite uses a partial index only for a query that repeats
// the index's condition literally. A status as a parameter would make SQLite plan the query again each time.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Connection, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import { lowestId } from '../ids.ts';
import type { Authorization } from '../types.ts';
import type { AcmeTables, Outcome, OutcomeColumns, Within } from './rows.ts';
import { authorizationFrom, columnsOf } from './rows.ts';

type StoredStatus = Authorization['status'];

interface FutureDates {
  madeSince: number;
  now: number;
  latest: number;
}

/** The conditions of the indexes acme_authorizations_open and acme_authorizations_abandoned. */
const IS_OPEN = sql<boolean>`status in ('pending', 'processing', 'valid')`;
const IS_ABANDONED = sql<boolean>`status in ('invalid', 'deactivated')`;

/** `table` only writes the queries of the hot path. They run on the connection in their parameter. */
export function authorizationQueries(within: Within, table: Kysely<AcmeTables>) {
  const insert = prepareQuery(
    (
      ...[id, account_id, name, token, status, expires_at]: [string, string, string, string, string, number]
    ) => table.insertInto('acme_authorizations').values({ id, account_id, name, token, status, expires_at }),
  );
  const select = prepareQuery((id: string) =>
    table.selectFrom('acme_authorizations').selectAll().where('id', '=', id),
  );
  // A prepared query for each number of ids. Few orders have many names.
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
        .where(IS_OPEN)
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
    async authorization(connection: Connection, id: string): Promise<Authorization | undefined> {
      const [row] = await select(connection, id);
      return row && authorizationFrom(row);
    },
    /**
     * The authorizations with these ids that exist. There are at most as many ids as an order can have names.
     */
    async authorizations(connection: Connection, ids: readonly string[]): Promise<Authorization[]> {
      return (await selectAll(ids.length)(connection, ...ids)).map(authorizationFrom);
    },
    /** The number of the account's pending authorizations. */
    async pendingAuthorizations(connection: Connection, accountId: string, now: number): Promise<number> {
      const { pending } = await within(connection)
        .selectFrom('acme_authorizations')
        .select(({ fn }) => fn.countAll<number>().as('pending'))
        .where('account_id', '=', accountId)
        .where(IS_OPEN)
        .where('status', '!=', sql.lit('valid'))
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      return Number(pending);
    },
    /** The number of the account's authorizations since then that failed or were deactivated. */
    async abandonedAuthorizations(
      connection: Connection,
      accountId: string,
      madeSince: number,
    ): Promise<number> {
      const { abandoned } = await within(connection)
        .selectFrom('acme_authorizations')
        .select(({ fn }) => fn.countAll<number>().as('abandoned'))
        .where('account_id', '=', accountId)
        .where('id', '>=', lowestId(madeSince))
        .where(IS_ABANDONED)
        .executeTakeFirstOrThrow();
      return Number(abandoned);
    },
    /**
     * The account's valid authorization for this name that expires last, if it expires after `expiresAfter`.
     */
    async validAuthorization(
      connection: Connection,
      { accountId, name }: Pick<Authorization, 'accountId' | 'name'>,
      { expiresAfter, validatedAfter = 0 }: { expiresAfter: number; validatedAfter?: number },
    ): Promise<Authorization | undefined> {
      const [row] = await selectValid(connection, accountId, name, expiresAfter, validatedAfter);
      return row && authorizationFrom(row);
    },
    /** The account's newest pending authorization for this name that expires after `expiresAfter`. */
    async openAuthorization(
      tx: Tx,
      { accountId, name, expiresAfter }: Pick<Authorization, 'accountId' | 'name'> & { expiresAfter: number },
    ): Promise<Authorization | undefined> {
      const row = await within(tx)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('name', '=', name)
        .where(IS_OPEN)
        .where('status', '!=', sql.lit('valid'))
        .where('expires_at', '>', expiresAfter)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && authorizationFrom(row);
    },
    /** Returns whether it had a status of `from`, and had not expired at `now`. */
    async updateAuthorization(
      tx: Tx,
      { from, now }: { from: readonly [StoredStatus, StoredStatus?]; now: number },
      { id, ...outcome }: Outcome,
    ): Promise<boolean> {
      const [first, second = first] = from;
      const rows = await update(tx, ...columnsOf(outcome), id, first, second, now);
      return rows.length > 0;
    },
    /** The authorizations whose validation the last process did not finish. */
    async authorizationsInProgress(connection: Connection, now: number): Promise<Authorization[]> {
      const rows = await within(connection)
        .selectFrom('acme_authorizations')
        .selectAll()
        .where('status', '=', 'processing')
        .where('expires_at', '>', now)
        .execute();
      return rows.map(authorizationFrom);
    },
    /** Whether an authorization since then was validated after `now`, or expires after `latest`. */
    async hasFutureDates(connection: Connection, { madeSince, now, latest }: FutureDates): Promise<boolean> {
      const found = await within(connection)
        .selectFrom('acme_authorizations')
        .select('id')
        .where('id', '>=', lowestId(madeSince))
        .where((where) => where.or([where('validated_at', '>', now), where('expires_at', '>', latest)]))
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    /**
     * Changes the authorizations since then: they expire at `latest` or before, and were validated at `now`
     * or before.
     */
    async limitAuthorizations(tx: Tx, { madeSince, now, latest }: FutureDates): Promise<void> {
      await within(tx)
        .updateTable('acme_authorizations')
        .set({ expires_at: latest })
        .where('id', '>=', lowestId(madeSince))
        .where('expires_at', '>', latest)
        .execute();
      await within(tx)
        .updateTable('acme_authorizations')
        .set({ validated_at: now })
        .where('id', '>=', lowestId(madeSince))
        .where('validated_at', '>', now)
        .execute();
    },
    /** Deletes at most `limit` old ones, and returns their number. */
    async deleteAuthorizations(
      tx: Tx,
      { madeBefore, limit }: { madeBefore: number; limit: number },
    ): Promise<number> {
      const old = within(tx)
        .selectFrom('acme_authorizations')
        .select('id')
        .where('id', '<', lowestId(madeBefore))
        .limit(limit);
      const { numDeletedRows } = await within(tx)
        .deleteFrom('acme_authorizations')
        .where('id', 'in', old)
        .executeTakeFirst();
      return Number(numDeletedRows);
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
