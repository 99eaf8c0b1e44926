// Revoked certificates, compromised keys, and accepted client certificates. Part of `store.ts`.
import type { Owner } from '@gatehouse/access';
import type { RevocationReason } from '@gatehouse/x509';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { prepareQuery } from '../../platform/store/prepared-query.ts';
import type {
  CertificateRow,
  ClientCertificateFacts,
  RevocationRow,
  RevokedCertificate,
  StoredCertificate,
  Tables,
  Within,
} from './rows.ts';
import { certificateFrom, ownerFrom, reasonFrom } from './rows.ts';

export function revocationQueries(database: Database, tables: Tables, within: Within) {
  const selectRevocation = prepareQuery((serialNumber: string) =>
    tables
      .selectFrom('ca_certificates')
      .select(['issuer_id', 'not_after', 'revoked_at', 'reason'])
      .where('serial_number', '=', serialNumber),
  );
  const selectClientCertificate = prepareQuery((serialNumber: string) =>
    tables
      .selectFrom('ca_certificates')
      .select(['serial_number', 'not_after', 'revoked_at'])
      .where('serial_number', '=', serialNumber)
      .where('owner_name', 'is not', null),
  );
  const selectRevoked = prepareQuery((serialNumber: string) =>
    tables
      .selectFrom('ca_certificates')
      .select(REVOKED_COLUMNS)
      .where('serial_number', '=', serialNumber)
      .where('revoked_at', 'is not', null),
  );
  const selectCompromisedKey = prepareQuery((spkiSha256: string) =>
    tables.selectFrom('ca_compromised_keys').select('spki_sha256').where('spki_sha256', '=', spkiSha256),
  );
  return {
    /** The status of a certificate; undefined if it was not issued here. */
    async revocation(serialNumber: string): Promise<RevocationRow | undefined> {
      const [row] = await selectRevocation(database.read, serialNumber);
      return (
        row && {
          issuerId: row.issuer_id ?? '',
          notAfter: row.not_after,
          revokedAt: row.revoked_at ?? undefined,
          reason: reasonFrom(row.reason),
        }
      );
    },
    /** The certificates of an owner that are neither revoked nor expired at `now`. */
    async ownedBy(tx: Tx, { kind, name }: Owner, now: number): Promise<StoredCertificate[]> {
      const rows = await within(tx)
        .selectFrom('ca_certificates')
        .selectAll()
        .where('owner_kind', '=', kind)
        .where('owner_name', '=', name)
        .where('revoked_at', 'is', null)
        .where('not_after', '>', now)
        .execute();
      return rows.map(certificateFrom);
    },
    async markRevoked(
      tx: Tx,
      serialNumber: string,
      revoked: { at: number; reason: RevocationReason },
    ): Promise<void> {
      await within(tx)
        .updateTable('ca_certificates')
        .set({ revoked_at: revoked.at, reason: revoked.reason, warn_at: null })
        .where('serial_number', '=', serialNumber)
        .execute();
    },
    /** The revoked certificates that expire after `since`. */
    async revoked(connection: Connection, since: number): Promise<RevokedCertificate[]> {
      const rows = await within(connection)
        .selectFrom('ca_certificates')
        .select(REVOKED_COLUMNS)
        .where('revoked_at', 'is not', null)
        .where('not_after', '>', since)
        .execute();
      return rows.map(revokedFrom);
    },
    /** A revoked certificate; undefined if there is none. */
    async revokedCertificate(
      connection: Connection,
      serialNumber: string,
    ): Promise<RevokedCertificate | undefined> {
      const [row] = await selectRevoked(connection, serialNumber);
      return row && revokedFrom(row);
    },
    /**
     * Whether a certificate of this key was revoked because the key is compromised. `spkiSha256`: the hash of
     * its SPKI, in hex.
     */
    async isCompromised(connection: Connection, spkiSha256: string): Promise<boolean> {
      return (await selectCompromisedKey(connection, spkiSha256)).length > 0;
    },
    async insertCompromisedKey(tx: Tx, spkiSha256: string): Promise<void> {
      await within(tx)
        .insertInto('ca_compromised_keys')
        .values({ spki_sha256: spkiSha256 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    /** The facts that decide whether a client certificate is accepted; undefined if it has no owner. */
    async clientCertificate(
      connection: Connection,
      serialNumber: string,
    ): Promise<ClientCertificateFacts | undefined> {
      const [row] = await selectClientCertificate(connection, serialNumber);
      return row && clientCertificateFacts(row);
    },
    /**
     * At most `limit` certificates with an owner that expire after `now`. They begin with the next serial
     * number after `after`.
     */
    async clientCertificatesAfter(
      connection: Connection,
      { after, limit, now }: { after: string; limit: number; now: number },
    ): Promise<[serialNumber: string, facts: ClientCertificateFacts][]> {
      const rows = await within(connection)
        .selectFrom('ca_certificates')
        .select(['serial_number', 'not_after', 'revoked_at'])
        .where('owner_name', 'is not', null)
        .where('serial_number', '>', after)
        .where('not_after', '>', now)
        .orderBy('serial_number')
        .limit(limit)
        .execute();
      return rows.map((row) => [row.serial_number, clientCertificateFacts(row)]);
    },
  };
}

const REVOKED_COLUMNS = [
  'serial_number',
  'issuer_id',
  'owner_kind',
  'owner_name',
  'not_after',
  'revoked_at',
  'reason',
] as const;

function revokedFrom(row: Pick<CertificateRow, (typeof REVOKED_COLUMNS)[number]>): RevokedCertificate {
  return {
    serialNumber: row.serial_number,
    issuerId: row.issuer_id ?? '',
    owner: ownerFrom(row),
    notAfter: row.not_after,
    revokedAt: row.revoked_at ?? 0,
    reason: reasonFrom(row.reason) ?? 'unspecified',
  };
}

function clientCertificateFacts(row: {
  not_after: number;
  revoked_at: number | null;
}): ClientCertificateFacts {
  return { notAfter: row.not_after, isRevoked: row.revoked_at !== null };
}
