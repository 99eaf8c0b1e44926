// The claims that must survive a restart, in the store.
import type { Claim } from '@gatehouse/access';
import { millis, text } from '../store/columns.ts';
import type { Database } from '../store/database.ts';
import type { Migration } from '../store/migrations.ts';

export interface ClaimRows {
  /** Resolves when the claim is on disk. */
  store(claim: Claim, now: number): Promise<void>;
  /** The claims that have not ended. */
  load(now: number): Promise<Claim[]>;
}

type Tables = {
  claims: { key: string; party: string; ends_at: number };
};

export const claimMigrations: Migration[] = [
  {
    name: 'claims/0001-claims',
    async up(tx) {
      await tx.schema
        .createTable('claims')
        .addColumn('key', text, (column) => column.primaryKey())
        .addColumn('party', text, (column) => column.notNull())
        .addColumn('ends_at', millis, (column) => column.notNull())
        .execute();
      await tx.schema.createIndex('claims_ends_at').on('claims').column('ends_at').execute();
    },
  },
];

/** `database` must have the table of `claimMigrations`. */
export function createClaimRows(database: Database): ClaimRows {
  return {
    store: ({ key, party, expiresAt }, now) =>
      database.write(async (tx) => {
        const within = tx.withTables<Tables>();
        await within.deleteFrom('claims').where('ends_at', '<=', now).execute();
        await within.replaceInto('claims').values({ key, party, ends_at: expiresAt }).execute();
      }),
    async load(now) {
      const rows = await database.read
        .withTables<Tables>()
        .selectFrom('claims')
        .selectAll()
        .where('ends_at', '>', now)
        .execute();
      return rows.map(({ key, party, ends_at: expiresAt }) => ({ key, party, expiresAt }));
    },
  };
}

/**
 * After a start at `now` (milliseconds), only proofs from this NumericDate on are accepted. The previous
 * process made no claims after that time, except stored ones.
 */
export function firstSecondAfter(now: number): number {
  return Math.floor(now / 1000) + 1;
}
