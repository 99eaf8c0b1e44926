// The stored state of certificates from ACME directories: the current certificate, the time of its renewal,
// and the time of the next attempt after a failure. Their keys are in the key store.
import type { Kysely } from 'kysely';
import { millis, text } from '../../platform/store/columns.ts';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Migration } from '../../platform/store/migrations.ts';

/** Times are milliseconds since the epoch. */
export interface StoredOrder {
  /** Identifies the certificate: its directory, profile and names. */
  id: string;
  names: readonly string[];
  /** PEM, the leaf first; undefined before the first. */
  certificateChain: string | undefined;
  renewAt: number | undefined;
  /** The window from which `renewAt` was chosen, as the directory gave it. */
  window: string | undefined;
  /** The number of failures in a row. */
  failures: number;
  /** Our next attempt after a failure. */
  retryAt: number | undefined;
  /** The directory wants no request before this time. */
  waitUntil: number | undefined;
  /** A digest of the settings of the last attempt. */
  settings: string | undefined;
  /** Why the last attempt failed. */
  problem: string | undefined;
}

type Tables = {
  acme_client_orders: {
    id: string;
    names: string;
    certificate_chain: string | null;
    renew_at: number | null;
    renewal_window: string | null;
    failures: number;
    retry_at: number | null;
    wait_until: number | null;
    settings: string | null;
    problem: string | null;
  };
};

export const acmeClientMigrations: Migration[] = [
  {
    name: 'acme-client/0001-orders',
    up: (tx) =>
      tx.schema
        .createTable('acme_client_orders')
        .addColumn('id', text, (column) => column.primaryKey())
        .addColumn('names', text, (column) => column.notNull())
        .addColumn('certificate_chain', text)
        .addColumn('renew_at', millis)
        .addColumn('renewal_window', text)
        .addColumn('failures', millis, (column) => column.notNull())
        .addColumn('retry_at', millis)
        .addColumn('wait_until', millis)
        .addColumn('settings', text)
        .addColumn('problem', text)
        .execute(),
  },
];

export async function readOrders(connection: Connection): Promise<StoredOrder[]> {
  const rows = await within(connection).selectFrom('acme_client_orders').selectAll().execute();
  return rows.map((row) => ({
    id: row.id,
    names: JSON.parse(row.names) as string[],
    certificateChain: row.certificate_chain ?? undefined,
    renewAt: row.renew_at ?? undefined,
    window: row.renewal_window ?? undefined,
    failures: row.failures,
    retryAt: row.retry_at ?? undefined,
    waitUntil: row.wait_until ?? undefined,
    settings: row.settings ?? undefined,
    problem: row.problem ?? undefined,
  }));
}

/** Replaces the stored state with the same id. */
export async function writeOrder(tx: Tx, order: StoredOrder): Promise<void> {
  const row = {
    id: order.id,
    names: JSON.stringify(order.names),
    certificate_chain: order.certificateChain ?? null,
    renew_at: order.renewAt ?? null,
    renewal_window: order.window ?? null,
    failures: order.failures,
    retry_at: order.retryAt ?? null,
    wait_until: order.waitUntil ?? null,
    settings: order.settings ?? null,
    problem: order.problem ?? null,
  };
  await within(tx).replaceInto('acme_client_orders').values(row).execute();
}

export async function deleteOrder(tx: Tx, id: string): Promise<void> {
  await within(tx).deleteFrom('acme_client_orders').where('id', '=', id).execute();
}

function within(connection: Connection): Kysely<Tables> {
  return connection.withTables<Tables>();
}
