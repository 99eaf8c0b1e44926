// The ledger's rows and its head: the only SQL of this capability.
import { sql } from 'kysely';
import { millis, text } from '../platform/store/columns.ts';
import type { Connection, Database, Tx } from '../platform/store/database.ts';
import type { Migration } from '../platform/store/migrations.ts';
import { prepareQuery } from '../platform/store/prepared-query.ts';
import type { EntryRow } from './entry-row.ts';
import type { EntryFilter } from './filter.ts';
import { matching } from './filter.ts';

type AuditTables = {
  audit_entries: EntryRow;
  audit_head: HeadRow;
  audit_witnesses: { path: string; since: number };
};

export interface HeadRow {
  id: number;
  seq: number;
  hash: string;
  mac: string;
}

const HEAD_ID = 1;
/**
 * The event of `gatehouse backup`. It is a literal, so that the query can use the index of migration 0003.
 */
const IS_BACKUP = sql<boolean>`type = 'server.backup_started'`;

export const auditMigrations: Migration[] = [
  {
    name: 'audit/0001-ledger',
    async up(tx) {
      await tx.schema
        .createTable('audit_entries')
        .addColumn('seq', millis, (column) => column.primaryKey())
        .addColumn('time', millis, (column) => column.notNull())
        .addColumn('type', text, (column) => column.notNull())
        .addColumn('actor', text, (column) => column.notNull())
        .addColumn('outcome', text, (column) => column.notNull())
        .addColumn('subject', text)
        .addColumn('data', text, (column) => column.notNull())
        .addColumn('hash', text, (column) => column.notNull())
        .execute();
      await tx.schema
        .createTable('audit_head')
        .addColumn('id', millis, (column) => column.primaryKey())
        .addColumn('seq', millis, (column) => column.notNull())
        .addColumn('hash', text, (column) => column.notNull())
        .addColumn('mac', text, (column) => column.notNull())
        .execute();
    },
  },
  {
    name: 'audit/0002-witnesses',
    up: (tx) =>
      tx.schema
        .createTable('audit_witnesses')
        .addColumn('path', text, (column) => column.primaryKey())
        .addColumn('since', millis, (column) => column.notNull())
        .execute(),
  },
  {
    name: 'audit/0003-backups',
    up: (tx) =>
      tx.schema
        .createIndex('audit_entries_backups')
        .on('audit_entries')
        .column('seq')
        .where(IS_BACKUP)
        .execute(),
  },
];

export type AuditStore = ReturnType<typeof createAuditStore>;

export function createAuditStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<AuditTables>();
  const read = within(database.read);
  const selectHead = prepareQuery((id: number) =>
    read.selectFrom('audit_head').select(['id', 'seq', 'hash', 'mac']).where('id', '=', id),
  );
  const insertEntry = prepareQuery(
    (
      seq: number,
      time: number,
      type: string,
      actor: string,
      outcome: string,
      subject: string | null,
      data: string,
      hash: string,
    ) => read.insertInto('audit_entries').values({ seq, time, type, actor, outcome, subject, data, hash }),
  );
  const updateHead = prepareQuery((seq: number, hash: string, mac: string, id: number) =>
    read.updateTable('audit_head').set({ seq, hash, mac }).where('id', '=', id).returning('id'),
  );
  return {
    /** The head, read on `connection`. */
    async head(connection: Connection = database.read): Promise<HeadRow | undefined> {
      const [head] = await selectHead(connection, HEAD_ID);
      return head;
    },
    async append(tx: Tx, entry: EntryRow): Promise<void> {
      const { seq, time, type, actor, outcome, subject, data, hash } = entry;
      await insertEntry(tx, seq, time, type, actor, outcome, subject, data, hash);
    },
    async moveHead(tx: Tx, { seq, hash, mac }: Omit<HeadRow, 'id'>): Promise<void> {
      const updated = await updateHead(tx, seq, hash, mac, HEAD_ID);
      if (updated.length === 0)
        await within(tx).insertInto('audit_head').values({ id: HEAD_ID, seq, hash, mac }).execute();
    },
    /** The hash of an entry. */
    async hashOf(seq: number): Promise<string | undefined> {
      const row = await read
        .selectFrom('audit_entries')
        .select('hash')
        .where('seq', '=', seq)
        .executeTakeFirst();
      return row?.hash;
    },
    /** When the last backup of the running server began. */
    async lastBackup(): Promise<number | undefined> {
      const row = await read
        .selectFrom('audit_entries')
        .select('time')
        .where(IS_BACKUP)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.time;
    },
    /** The files that were created as witnesses of this ledger. */
    async witnesses(): Promise<Set<string>> {
      const rows = await read.selectFrom('audit_witnesses').select('path').execute();
      return new Set(rows.map(({ path }) => path));
    },
    async addWitness(tx: Tx, path: string, since: number): Promise<void> {
      await within(tx).insertInto('audit_witnesses').values({ path, since }).execute();
    },
    /**
     * Moves the write-ahead log into the database file, so that a copy of that file alone has everything that
     * was written so far.
     */
    async checkpoint(): Promise<void> {
      await sql`PRAGMA wal_checkpoint(PASSIVE)`.execute(database.read);
    },
    /** At most `limit` entries after `seq` that match, oldest first. */
    after(seq: number, limit: number, filter: EntryFilter = {}): Promise<EntryRow[]> {
      return read
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '>', seq)
        .where((builder) => matching(builder, filter))
        .orderBy('seq')
        .limit(limit)
        .execute();
    },
    /** The newest `limit` entries that match, oldest first. */
    async latest(limit: number, filter: EntryFilter = {}): Promise<EntryRow[]> {
      const rows = await read
        .selectFrom('audit_entries')
        .selectAll()
        .where((builder) => matching(builder, filter))
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.reverse();
    },
  };
}
