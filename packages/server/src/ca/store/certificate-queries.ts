// The inventory, from the first row to what is on a revocation list: part of `store.ts`.
import type { RevocationReason } from '@gatehouse/x509';
import type { Connection, Database, Tx } from '../../platform/database.ts';
import { prepareQuery } from '../../platform/prepared-query.ts';
import type { Owner } from '../../platform/principal.ts';
import type { CertificateQuery } from '../types.ts';
import type {
  ClientCertificateFacts,
  RevocationRow,
  RevokedCertificate,
  StoredCertificate,
  Within,
} from './rows.ts';
import { certificateFrom, ownerFrom, reasonFrom } from './rows.ts';

export function certificateQueries(database: Database, within: Within) {
  const read = within(database.read);
  const insertCertificate = prepareQuery(
    (
      serial_number: string,
      profile: string,
      names: string,
      not_before: number,
      not_after: number,
      issued_at: number,
      certificate: string,
      issuer_id: string,
      owner_kind: string | null,
      owner_name: string | null,
      source: string,
      warn_at: number | null,
    ) =>
      read.insertInto('ca_certificates').values({
        serial_number,
        profile,
        names,
        not_before,
        not_after,
        issued_at,
        certificate,
        issuer_id,
        owner_kind,
        owner_name,
        source,
        warn_at,
      }),
  );
  const selectRevocation = prepareQuery((serialNumber: string) =>
    read
      .selectFrom('ca_certificates')
      .select(['issuer_id', 'not_after', 'revoked_at', 'reason'])
      .where('serial_number', '=', serialNumber),
  );
  const selectClientCertificate = prepareQuery((serialNumber: string) =>
    read
      .selectFrom('ca_certificates')
      .select(['serial_number', 'not_after', 'revoked_at'])
      .where('serial_number', '=', serialNumber)
      .where('owner_name', 'is not', null),
  );
  return {
    async insertCertificate(tx: Tx, certificate: StoredCertificate): Promise<void> {
      await insertCertificate(
        tx,
        certificate.serialNumber,
        certificate.profile,
        JSON.stringify(certificate.names),
        certificate.notBefore,
        certificate.notAfter,
        certificate.issuedAt,
        certificate.pem,
        certificate.issuerId,
        certificate.owner?.kind ?? null,
        certificate.owner?.name ?? null,
        certificate.source,
        certificate.warnAt,
      );
    },
    /** Whether any certificate was ever recorded. */
    async hasCertificates(): Promise<boolean> {
      const row = await read
        .selectFrom('ca_certificates')
        .select('serial_number')
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async certificate(serialNumber: string, tx?: Tx): Promise<StoredCertificate | undefined> {
      const row = await (tx ? within(tx) : read)
        .selectFrom('ca_certificates')
        .selectAll()
        .where('serial_number', '=', serialNumber)
        .executeTakeFirst();
      return row && certificateFrom(row);
    },
    /** How a certificate stands; undefined when it was not issued here. */
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
    /** Those of an owner that are neither revoked nor expired at `now`. */
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
    /** Those that were revoked and had not expired at `now`. */
    async revoked(now: number, tx?: Tx): Promise<RevokedCertificate[]> {
      const rows = await (tx ? within(tx) : read)
        .selectFrom('ca_certificates')
        .select([
          'serial_number',
          'issuer_id',
          'owner_kind',
          'owner_name',
          'not_after',
          'revoked_at',
          'reason',
        ])
        .where('revoked_at', 'is not', null)
        .where('not_after', '>', now)
        .execute();
      return rows.map((row) => ({
        serialNumber: row.serial_number,
        issuerId: row.issuer_id ?? '',
        owner: ownerFrom(row),
        notAfter: row.not_after,
        revokedAt: row.revoked_at ?? 0,
        reason: reasonFrom(row.reason) ?? 'unspecified',
      }));
    },
    /** One that was revoked; undefined when there is none. */
    async revokedCertificate(serialNumber: string): Promise<RevokedCertificate | undefined> {
      const found = await this.certificate(serialNumber);
      if (found?.revokedAt === undefined) return undefined;
      return { ...found, revokedAt: found.revokedAt, reason: found.reason ?? 'unspecified' };
    },
    /** What shows whether a client certificate is admitted; undefined for one that has no owner. */
    async clientCertificate(
      connection: Connection,
      serialNumber: string,
    ): Promise<ClientCertificateFacts | undefined> {
      const [row] = await selectClientCertificate(connection, serialNumber);
      return row && clientCertificateFacts(row);
    },
    /** At most `limit` of those that have an owner and expire after `now`, from the serial number behind `after` on. */
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
    /** A page of the inventory, newest first. */
    async certificates(query: CertificateQuery, now: number): Promise<StoredCertificate[]> {
      let select = read.selectFrom('ca_certificates').selectAll();
      if (query.profile !== undefined) select = select.where('profile', '=', query.profile);
      if (query.status === 'revoked') select = select.where('revoked_at', 'is not', null);
      if (query.status === 'expired') select = select.where('not_after', '<=', now);
      if (query.status === 'valid' || query.expiringSeconds !== undefined) {
        select = select.where('revoked_at', 'is', null).where('not_after', '>', now);
      }
      if (query.expiringSeconds !== undefined) {
        select = select.where('not_after', '<=', now + query.expiringSeconds * 1000);
      }
      if (query.name !== undefined) {
        const quoted = JSON.stringify(query.name).replace(/[\\%_]/g, '\\$&');
        select = select.where((where) =>
          where.or([
            where('owner_name', '=', query.name ?? ''),
            where('names', 'like', where.val(`%${quoted}%`)),
          ]),
        );
      }
      if (query.after !== undefined) {
        const [issuedAt, serialNumber] = query.after;
        select = select.where((where) =>
          where.or([
            where('issued_at', '<', issuedAt),
            where.and([where('issued_at', '=', issuedAt), where('serial_number', '<', serialNumber)]),
          ]),
        );
      }
      const rows = await select
        .orderBy('issued_at', 'desc')
        .orderBy('serial_number', 'desc')
        .limit(query.limit)
        .execute();
      return rows.map(certificateFrom);
    },
    /** Those whose holder should have renewed them by `now`. */
    async dueForWarning(now: number): Promise<StoredCertificate[]> {
      const rows = await read
        .selectFrom('ca_certificates')
        .selectAll()
        .where('warn_at', '<=', now)
        .limit(WARNINGS_AT_ONCE)
        .execute();
      return rows.map(certificateFrom);
    },
    /** Whether another certificate of the same names, profile and owner lives longer than this one. */
    async isReplaced({ names, profile, owner, notAfter }: StoredCertificate): Promise<boolean> {
      const row = await read
        .selectFrom('ca_certificates')
        .select('serial_number')
        .where('not_after', '>', notAfter)
        .where('profile', '=', profile)
        .where('names', '=', JSON.stringify(names))
        .where('owner_name', owner ? '=' : 'is', owner?.name ?? null)
        .where('revoked_at', 'is', null)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async settleWarning(tx: Tx, serialNumber: string): Promise<void> {
      await within(tx)
        .updateTable('ca_certificates')
        .set({ warn_at: null })
        .where('serial_number', '=', serialNumber)
        .execute();
    },
  };
}

const WARNINGS_AT_ONCE = 100;

function clientCertificateFacts(row: {
  not_after: number;
  revoked_at: number | null;
}): ClientCertificateFacts {
  return { notAfter: row.not_after, isRevoked: row.revoked_at !== null };
}
