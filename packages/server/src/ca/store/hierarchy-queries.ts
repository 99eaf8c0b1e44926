// The authorities, the numbers of their revocation lists, and the keys that are known to be compromised: part of `store.ts`.
import type { Tx } from '../../platform/database.ts';
import type { HierarchyRow, RevocationList, Tables, Within } from './rows.ts';

export function hierarchyQueries(within: Within, read: Tables) {
  return {
    /** Newest first. */
    hierarchy(tx?: Tx): Promise<HierarchyRow[]> {
      return (tx ? within(tx) : read)
        .selectFrom('ca_hierarchy')
        .select(['id', 'role', 'state', 'certificate', 'key_name', 'created_at'])
        .orderBy('created_at', 'desc')
        .execute();
    },
    async insertAuthority(tx: Tx, authority: HierarchyRow): Promise<void> {
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
     * The number of this authority's next revocation list (RFC 5280 §5.2.3): `now` in milliseconds, or one more than the last number. Where an
     * older copy of the database is restored, it is greater than the numbers that the copy does not know.
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
    /** Of an authority whose key goes. */
    async insertLastList(tx: Tx, issuerId: string, list: RevocationList): Promise<void> {
      const { number, der, thisUpdate, nextUpdate } = list;
      await within(tx)
        .insertInto('ca_last_lists')
        .values({ issuer_id: issuerId, number, der, this_update: thisUpdate, next_update: nextUpdate })
        .execute();
    },
    /** By the authority that signed them. */
    async lastLists(): Promise<Map<string, RevocationList>> {
      const rows = await read.selectFrom('ca_last_lists').selectAll().execute();
      return new Map(
        rows.map(({ issuer_id, number, der, this_update, next_update }) => [
          issuer_id,
          { number, der, thisUpdate: this_update, nextUpdate: next_update },
        ]),
      );
    },
    /** SHA-256 of their SPKI, in hex. */
    async compromisedKeys(): Promise<string[]> {
      const rows = await read.selectFrom('ca_compromised_keys').select('spki_sha256').execute();
      return rows.map((row) => row.spki_sha256);
    },
    async insertCompromisedKey(tx: Tx, spkiSha256: string): Promise<void> {
      await within(tx)
        .insertInto('ca_compromised_keys')
        .values({ spki_sha256: spkiSha256 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    /** The authorities that signed something that is still valid at `now`. */
    async issuersInUse(now: number): Promise<Set<string>> {
      const rows = await read
        .selectFrom('ca_certificates')
        .select('issuer_id')
        .distinct()
        .where('not_after', '>', now)
        .execute();
      return new Set(rows.flatMap(({ issuer_id }) => issuer_id ?? []));
    },
  };
}
