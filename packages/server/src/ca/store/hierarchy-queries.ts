// The authorities and their revocation lists: part of `store.ts`.
import type { Connection, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type { HierarchyRow, RevocationList, Tables, Within } from './rows.ts';

export function hierarchyQueries(tables: Tables, within: Within) {
  const upsertList = prepareQuery(
    (issuer_id: string, number: number, der: Uint8Array, this_update: number, next_update: number) =>
      tables
        .insertInto('ca_lists')
        .values({ issuer_id, number, der, this_update, next_update })
        .onConflict((conflict) =>
          conflict.column('issuer_id').doUpdateSet((eb) => ({
            number: eb.ref('excluded.number'),
            der: eb.ref('excluded.der'),
            this_update: eb.ref('excluded.this_update'),
            next_update: eb.ref('excluded.next_update'),
          })),
        ),
  );
  return {
    /** Newest first. */
    hierarchy(connection: Connection): Promise<HierarchyRow[]> {
      return within(connection)
        .selectFrom('ca_hierarchy')
        .select(['id', 'role', 'state', 'certificate', 'key_name', 'crl_number', 'created_at'])
        .orderBy('created_at', 'desc')
        .execute();
    },
    authority(connection: Connection, id: string): Promise<HierarchyRow | undefined> {
      return within(connection)
        .selectFrom('ca_hierarchy')
        .select(['id', 'role', 'state', 'certificate', 'key_name', 'crl_number', 'created_at'])
        .where('id', '=', id)
        .executeTakeFirst();
    },
    async insertAuthority(tx: Tx, authority: Omit<HierarchyRow, 'crl_number'>): Promise<void> {
      await within(tx)
        .insertInto('ca_hierarchy')
        .values({ ...authority, crl_number: 0 })
        .execute();
    },
    async updateAuthority(
      tx: Tx,
      id: string,
      change: Partial<Pick<HierarchyRow, 'state' | 'certificate' | 'key_name'>>,
    ): Promise<void> {
      await within(tx).updateTable('ca_hierarchy').set(change).where('id', '=', id).execute();
    },
    async deleteAuthority(tx: Tx, id: string): Promise<void> {
      await within(tx).deleteFrom('ca_hierarchy').where('id', '=', id).execute();
    },
    /**
     * The number of this authority's next revocation list (RFC 5280 §5.2.3): `now` in milliseconds, or one
     * more than the last number. So after the restore of an older copy of the database, it is greater than
     * the numbers that the copy does not know.
     */
    async nextCrlNumber(tx: Tx, id: string, now: number): Promise<number> {
      const { crl_number } = await within(tx)
        .updateTable('ca_hierarchy')
        .set((row) => ({
          crl_number: row
            .case()
            .when('crl_number', '>=', now)
            .then(row('crl_number', '+', 1))
            .else(row.val(now))
            .end(),
        }))
        .where('id', '=', id)
        .returning('crl_number')
        .executeTakeFirstOrThrow();
      return crl_number;
    },
    /** Replaces the authority's last list. */
    async saveList(tx: Tx, issuerId: string, list: RevocationList): Promise<void> {
      await upsertList(tx, issuerId, list.number, list.der, list.thisUpdate, list.nextUpdate);
    },
    async deleteList(tx: Tx, issuerId: string): Promise<void> {
      await within(tx).deleteFrom('ca_lists').where('issuer_id', '=', issuerId).execute();
    },
    async revocationList(connection: Connection, issuerId: string): Promise<RevocationList | undefined> {
      const row = await within(connection)
        .selectFrom('ca_lists')
        .selectAll()
        .where('issuer_id', '=', issuerId)
        .executeTakeFirst();
      return row && listFrom(row);
    },
    /** Counts by the authority that signed them. */
    async revocationLists(connection: Connection): Promise<Map<string, RevocationList>> {
      const rows = await within(connection).selectFrom('ca_lists').selectAll().execute();
      return new Map(rows.map((row) => [row.issuer_id, listFrom(row)]));
    },
    /** The authorities that signed a certificate that is still valid at `now`. */
    async issuersInUse(connection: Connection, now: number): Promise<Set<string>> {
      const rows = await within(connection)
        .selectFrom('ca_certificates')
        .select('issuer_id')
        .distinct()
        .where('not_after', '>', now)
        .execute();
      return new Set(rows.flatMap(({ issuer_id }) => issuer_id ?? []));
    },
  };
}

function listFrom(row: {
  number: number;
  der: Uint8Array;
  this_update: number;
  next_update: number;
}): RevocationList {
  return { number: row.number, der: row.der, thisUpdate: row.this_update, nextUpdate: row.next_update };
}
