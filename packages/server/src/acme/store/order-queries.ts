// Orders in the store: part of `store.ts`.
import type { Kysely } from 'kysely';
import type { Connection, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import { lowestId } from '../ids.ts';
import type { Order } from '../types.ts';
import type { AcmeTables, OrderColumns, Within } from './rows.ts';
import { columnsOfOrder, orderFrom } from './rows.ts';

/** `table` only writes the queries of the hot path. They run on the connection in their parameter. */
export function orderQueries(within: Within, table: Kysely<AcmeTables>) {
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
    async order(connection: Connection, id: string): Promise<Order | undefined> {
      const [row] = await select(connection, id);
      return row && orderFrom(row);
    },
    /** Orders of one account or of all, newest first, that come after the order with the id `after`. */
    async orders(
      connection: Connection,
      limit: number,
      { accountId, after }: { accountId?: string; after: string | undefined },
    ): Promise<Order[]> {
      let query = within(connection).selectFrom('acme_orders').selectAll();
      if (accountId !== undefined) query = query.where('account_id', '=', accountId);
      if (after !== undefined) query = query.where('id', '<', after);
      const rows = await query.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(orderFrom);
    },
    /** The number of the account's orders since then that have no certificate. */
    async unfinishedOrders(connection: Connection, accountId: string, madeSince: number): Promise<number> {
      const { unfinished } = await within(connection)
        .selectFrom('acme_orders')
        .select(({ fn }) => fn.countAll<number>().as('unfinished'))
        .where('account_id', '=', accountId)
        .where('id', '>=', lowestId(madeSince))
        .where('status', '=', 'pending')
        .executeTakeFirstOrThrow();
      return Number(unfinished);
    },
    async orderOfCertificate(connection: Connection, serialNumber: string): Promise<Order | undefined> {
      const [row] = await selectOfCertificate(connection, serialNumber);
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
      { certificate, removableAt }: { certificate: string; removableAt: number },
    ): Promise<void> {
      await complete(tx, 'valid', certificate, removableAt, id);
    },
    /** Changes the orders since then: they expire at `latest` or before. */
    async limitOrders(tx: Tx, { madeSince, latest }: { madeSince: number; latest: number }): Promise<void> {
      await within(tx)
        .updateTable('acme_orders')
        .set({ expires_at: latest })
        .where('id', '>=', lowestId(madeSince))
        .where('expires_at', '>', latest)
        .execute();
    },
    /** Deletes at most `limit` old orders that may be removed, and returns their number. */
    async deleteOrders(
      tx: Tx,
      { madeBefore, now, limit }: { madeBefore: number; now: number; limit: number },
    ): Promise<number> {
      const old = within(tx)
        .selectFrom('acme_orders')
        .select('id')
        .where('id', '<', lowestId(madeBefore))
        .where('kept_until', '<', now)
        .limit(limit);
      const { numDeletedRows } = await within(tx)
        .deleteFrom('acme_orders')
        .where('id', 'in', old)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
