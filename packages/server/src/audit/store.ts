// The ledger's rows and its head: the only SQL of this capability.
import type { Connection, Database, Tx } from '../platform/database.ts';
import type { Migration } from '../platform/migrations.ts';

type AuditTables = {
  audit_entries: EntryRow;
  audit_head: HeadRow;
};

export interface EntryRow {
  seq: number;
  time: number;
  type: string;
  /** JSON, as hashed. */
  actor: string;
  outcome: string;
  subject: string | null;
  /** JSON, as hashed. */
  data: string;
  hash: string;
}

export interface HeadRow {
  id: number;
  seq: number;
  hash: string;
  mac: string;
}

const HEAD_ID = 1;

export const auditMigrations: Migration[] = [
  {
    name: 'audit/0001-ledger',
    async up(tx) {
      await tx.schema
        .createTable('audit_entries')
        .addColumn('seq', 'integer', (column) => column.primaryKey())
        .addColumn('time', 'integer', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('outcome', 'text', (column) => column.notNull())
        .addColumn('subject', 'text')
        .addColumn('data', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('audit_head')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('seq', 'integer', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('mac', 'text', (column) => column.notNull())
        .execute();
    },
  },
];

export type AuditStore = ReturnType<typeof createAuditStore>;

export function createAuditStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<AuditTables>();
  const read = within(database.read);
  return {
    /** The head as `tx` sees it, or as committed. */
    head(tx?: Tx): Promise<HeadRow | undefined> {
      const from = tx ? within(tx) : read;
      return from.selectFrom('audit_head').selectAll().where('id', '=', HEAD_ID).executeTakeFirst();
    },
    async append(tx: Tx, entry: EntryRow, mac: string): Promise<void> {
      const head = { seq: entry.seq, hash: entry.hash, mac };
      await within(tx).insertInto('audit_entries').values(entry).execute();
      await within(tx)
        .insertInto('audit_head')
        .values({ id: HEAD_ID, ...head })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(head))
        .execute();
    },
    /** At most `limit` entries after `seq`, oldest first. */
    after(seq: number, limit: number): Promise<EntryRow[]> {
      return read
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute();
    },
    /** The newest `limit` entries, oldest first. */
    async latest(limit: number): Promise<EntryRow[]> {
      const rows = await read
        .selectFrom('audit_entries')
        .selectAll()
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.reverse();
    },
  };
}
