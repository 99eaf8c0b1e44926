// The tables of this capability, and the types of their rows.
import type { Owner } from '@gatehouse/access';
import type { RevocationReason } from '@gatehouse/x509';
import type { Generated, Kysely } from 'kysely';
import type { Connection } from '../../platform/store/database.ts';
import type { AuthorityRole, AuthorityState, CertificateSource } from '../types.ts';

export type CaTables = {
  ca_compromised_keys: { spki_sha256: string };
  ca_hierarchy: HierarchyRow;
  ca_names: { name: string; serial_number: string };
  ca_lists: {
    issuer_id: string;
    number: number;
    der: Uint8Array;
    this_update: number;
    next_update: number;
  };
  ca_certificates: Omit<CertificateRow, 'revoked_at' | 'reason'> & {
    revoked_at: Generated<number | null>;
    reason: Generated<string | null>;
  };
};

export interface HierarchyRow {
  /** Hex of the key identifier (RFC 7093 §2, method 1). */
  id: string;
  role: AuthorityRole;
  state: AuthorityState;
  /** PEM; null while it is pending. */
  certificate: string | null;
  /** The name of the key in the key store; null if the key is stored elsewhere. */
  key_name: string | null;
  /** The number of its last revocation list. */
  crl_number: number;
  created_at: number;
}

export interface CertificateRow {
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
  /** PEM of this certificate, without its chain. */
  pem: string;
  /** The authority that signed it, by its id in the hierarchy. */
  issuerId: string;
  owner: Owner | undefined;
  source: CertificateSource;
  revokedAt: number | undefined;
  reason: RevocationReason | undefined;
  /** When to warn about its expiry if it was not replaced; null if no warning is due any more. */
  warnAt: number | null;
}

export type RevocationRow = Pick<StoredCertificate, 'issuerId' | 'notAfter' | 'revokedAt' | 'reason'>;

/** The data of a client certificate that the gateway's workers have. */
export interface ClientCertificateFacts {
  /** Milliseconds since the epoch. */
  notAfter: number;
  isRevoked: boolean;
}

/** One entry of the next revocation list. */
export interface RevokedCertificate {
  serialNumber: string;
  issuerId: string;
  owner: Owner | undefined;
  notAfter: number;
  revokedAt: number;
  reason: RevocationReason;
}

export interface RevocationList {
  der: Uint8Array;
  number: number;
  /** Milliseconds since the epoch. */
  thisUpdate: number;
  nextUpdate: number;
}

export type Tables = Kysely<CaTables>;

/** A connection with these tables, in a transaction or for reading. */
export type Within = (connection: Connection) => Tables;

export function certificateFrom(row: CertificateRow): StoredCertificate {
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

export function ownerFrom({
  owner_kind: kind,
  owner_name: name,
}: Pick<CertificateRow, 'owner_kind' | 'owner_name'>): Owner | undefined {
  return name !== null && (kind === 'user' || kind === 'service') ? { kind, name } : undefined;
}

export function reasonFrom(text: string | null): RevocationReason | undefined {
  return (text as RevocationReason | null) ?? undefined;
}
