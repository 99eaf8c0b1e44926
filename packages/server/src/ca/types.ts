// The types of this capability: certificates, authorities, and the settings of both.
import type { Owner } from '@gatehouse/access';
import type { RevocationReason } from '@gatehouse/x509';

export type { CaSettings, ProfileSettings } from './settings.ts';

export type AuthorityRole = 'root' | 'intermediate';

/**
 * `pending`: its key exists and its certificate does not. `retired`: it signs no new certificates, but those
 * that it signed are still valid.
 */
export type AuthorityState = 'active' | 'retired' | 'pending';

/**
 * How the request of a certificate was checked. `system`: it is the authority's own certificate. `recovered`:
 * the row was lost, and made again from the certificate.
 */
export type CertificateSource = 'admin' | 'acme' | 'system' | 'recovered';

/** An issued certificate. Texts are PEM. */
export interface Certificate {
  /** Lower-case hex. */
  serialNumber: string;
  profile: string;
  names: string[];
  notBefore: Date;
  notAfter: Date;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  /** Only the certificate, without its chain. */
  pem: string;
  /** With the intermediates below the root. */
  chain: string;
  /** The issuer's key identifier as the certificate has it, in hex (RFC 5280 §4.2.1.1). */
  issuerKeyId: string;
  owner?: Owner | undefined;
  source: CertificateSource;
  /** Milliseconds since the epoch. */
  revokedAt?: number | undefined;
  reason?: RevocationReason | undefined;
}

export type CertificateStatus = 'valid' | 'expired' | 'revoked';

export interface CertificateQuery {
  profile?: string | undefined;
  status?: CertificateStatus | undefined;
  name?: string | undefined;
  /** Only valid certificates that expire within so many seconds. */
  expiringSeconds?: number | undefined;
  /** Only the certificates after this one: `issuedAt` and serial number. */
  after?: readonly [number, string] | undefined;
  limit: number;
}
