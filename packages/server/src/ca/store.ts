// The authorities and every certificate that was issued. The only SQL of this capability.

import type { RevocationReason } from '@gatehouse/x509';
import type { Generated, Kysely } from 'kysely';
import type { Connection, Database, Tx } from '../platform/database.ts';
import { prepareQuery } from '../platform/prepared-query.ts';
import type { Owner } from '../platform/principal.ts';
import type { AuthorityRole, AuthorityState, CertificateQuery, CertificateSource } from './types.ts';

type CaTables = {
  ca_compromised_keys: { spki_sha256: string };
  ca_hierarchy: HierarchyRow & { crl_number: number };
  ca_certificates: Omit<CertificateRow, 'revoked_at' | 'reason'> & {
    revoked_at: Generated<number | null>;
    reason: Generated<string | null>;
  };
};

export interface HierarchyRow {
  /** Hex of the SHA-1 of the key (RFC 5280 §4.2.1.2, method 1). */
  id: string;
  role: AuthorityRole;
  state: AuthorityState;
  /** PEM; null while it is pending. */
  certificate: string | null;
  /** Where the key store has the key; null when it is kept elsewhere. */
  key_name: string | null;
  created_at: number;
}

interface CertificateRow {
  serial_number: string;
  profile: string;
  /** JSON. */
  names: string;
  not_before: number;
  not_after: number;
  issued_at: number;
  certificate: string;
  issuer_id: string | null;
  owner_kind: string | null;
  owner_name: string | null;
  source: string | null;
  revoked_at: number | null;
  reason: string | null;
  warn_at: number | null;
}

/** A certificate of the inventory. Times are milliseconds since the epoch. */
export interface StoredCertificate {
  serialNumber: string;
  profile: string;
  names: string[];
  notBefore: number;
  notAfter: number;
  issuedAt: number;
  /** PEM of this certificate alone. */
  pem: string;
  /** The authority that signed it, by its id in the hierarchy. */
  issuerId: string;
  owner: Owner | undefined;
  source: CertificateSource;
  revokedAt: number | undefined;
  reason: RevocationReason | undefined;
  /** When to warn that it expires, unless it was replaced by then; null when that is settled. */
  warnAt: number | null;
}

type RevocationRow = Pick<StoredCertificate, 'issuerId' | 'revokedAt' | 'reason'>;

/** One entry of a revocation list to be. */
export interface RevokedCertificate {
  serialNumber: string;
  issuerId: string;
  owner: Owner | undefined;
  notAfter: number;
  revokedAt: number;
  reason: RevocationReason;
}

export type CaStore = ReturnType<typeof createCaStore>;

export function createCaStore(database: Database) {
  const within = (connection: Connection) => connection.withTables<CaTables>();
  const read = within(database.read);
  return { ...hierarchyQueries(within, read), ...certificateQueries(database, within) };
}

type Tables = Kysely<CaTables>;
type Within = (connection: Connection) => Tables;

function hierarchyQueries(within: Within, read: Tables) {
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
    /** The number of this authority's next revocation list (RFC 5280 §5.2.3). */
    async nextCrlNumber(tx: Tx, id: string): Promise<number> {
      const { crl_number } = await within(tx)
        .updateTable('ca_hierarchy')
        .set((row) => ({ crl_number: row('crl_number', '+', 1) }))
        .where('id', '=', id)
        .returning('crl_number')
        .executeTakeFirstOrThrow();
      return crl_number;
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

function certificateQueries(database: Database, within: Within) {
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
      .select(['issuer_id', 'revoked_at', 'reason'])
      .where('serial_number', '=', serialNumber),
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
    async certificate(serialNumber: string, tx?: Tx): Promise<StoredCertificate | undefined> {
      const row = await (tx ? within(tx) : read)
        .selectFrom('ca_certificates')
        .selectAll()
        .where('serial_number', '=', serialNumber)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    /** How a certificate stands; undefined when it was not issued here. */
    async revocation(serialNumber: string): Promise<RevocationRow | undefined> {
      const [row] = await selectRevocation(database.read, serialNumber);
      return (
        row && {
          issuerId: row.issuer_id ?? '',
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
      return rows.map(fromRow);
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
    async revoked(now: number): Promise<RevokedCertificate[]> {
      const rows = await read
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
      return rows.map(fromRow);
    },
    /** Those whose holder should have renewed them by `now`. */
    async dueForWarning(now: number): Promise<StoredCertificate[]> {
      const rows = await read
        .selectFrom('ca_certificates')
        .selectAll()
        .where('warn_at', '<=', now)
        .limit(WARNINGS_AT_ONCE)
        .execute();
      return rows.map(fromRow);
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

function fromRow(row: CertificateRow): StoredCertificate {
  return {
    serialNumber: row.serial_number,
    profile: row.profile,
    names: JSON.parse(row.names) as string[],
    notBefore: row.not_before,
    notAfter: row.not_after,
    issuedAt: row.issued_at,
    pem: row.certificate,
    issuerId: row.issuer_id ?? '',
    owner: ownerFrom(row),
    source: (row.source as CertificateSource | null) ?? 'system',
    revokedAt: row.revoked_at ?? undefined,
    reason: reasonFrom(row.reason),
    warnAt: row.warn_at,
  };
}

function ownerFrom({
  owner_kind: kind,
  owner_name: name,
}: Pick<CertificateRow, 'owner_kind' | 'owner_name'>): Owner | undefined {
  return name !== null && (kind === 'user' || kind === 'service') ? { kind, name } : undefined;
}

function reasonFrom(text: string | null): RevocationReason | undefined {
  return (text as RevocationReason | null) ?? undefined;
}
