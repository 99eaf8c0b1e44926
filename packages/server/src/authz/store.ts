// The table of policy versions. Rows are only added: every version that was ever in force can be read again.
import { millis, text } from '../platform/store/columns.ts';
import type { Connection, Tx } from '../platform/store/database.ts';
import type { Migration } from '../platform/store/migrations.ts';

export interface PolicyVersionRow {
  /** From 1, without gaps. */
  version: number;
  /** `sha256:` and hex, of the files. */
  digest: string;
  /** JSON: names and texts. */
  files: string;
  /** JSON: pairs of id and compiled form. */
  policies: string;
  /** The number of its policies. */
  policy_count: number;
  note: string;
  applied_at: number;
  applied_by_kind: string;
  applied_by: string;
}

/** A version without its texts. */
export type PolicyVersionSummaryRow = Omit<PolicyVersionRow, 'files' | 'policies'>;

type Tables = { policy_versions: PolicyVersionRow };

export const authzMigrations: Migration[] = [
  {
    name: 'authz/0001-policy-versions',
    up: (tx) =>
      tx.schema
        .createTable('policy_versions')
        .addColumn('version', millis, (column) => column.primaryKey())
        .addColumn('digest', text, (column) => column.notNull())
        .addColumn('files', text, (column) => column.notNull())
        .addColumn('policies', text, (column) => column.notNull())
        .addColumn('policy_count', millis, (column) => column.notNull())
        .addColumn('note', text, (column) => column.notNull())
        .addColumn('applied_at', millis, (column) => column.notNull())
        .addColumn('applied_by_kind', text, (column) => column.notNull())
        .addColumn('applied_by', text, (column) => column.notNull())
        .execute(),
  },
];

/** Undefined if no policies were applied yet. */
export function latestVersion(connection: Connection): Promise<PolicyVersionRow | undefined> {
  return within(connection)
    .selectFrom('policy_versions')
    .selectAll()
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export function versionRow(connection: Connection, version: number): Promise<PolicyVersionRow | undefined> {
  return within(connection)
    .selectFrom('policy_versions')
    .selectAll()
    .where('version', '=', version)
    .executeTakeFirst();
}

const SUMMARY = [
  'version',
  'digest',
  'policy_count',
  'note',
  'applied_at',
  'applied_by_kind',
  'applied_by',
] as const;

/** The newest first. */
export function versionSummaries(connection: Connection, limit: number): Promise<PolicyVersionSummaryRow[]> {
  return within(connection)
    .selectFrom('policy_versions')
    .select(SUMMARY)
    .orderBy('version', 'desc')
    .limit(limit)
    .execute();
}

export async function insertVersion(tx: Tx, row: PolicyVersionRow): Promise<void> {
  await within(tx).insertInto('policy_versions').values(row).execute();
}

function within(connection: Connection) {
  return connection.withTables<Tables>();
}
