// The shapes of the admin API, as the commands read them. Times are RFC 3339 text.

export interface User {
  name: string;
  roles: string[];
  disabled: boolean;
  createdAt: string;
}

export type AddedUser = Pick<User, 'name' | 'roles' | 'createdAt'>;

export interface Key {
  id: string;
  name: string;
  roles: string[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

/** `key` is the secret: it is told this once. */
export interface CreatedKey {
  id: string;
  name: string;
  key: string;
  roles: string[];
  expiresAt: string | null;
}

/** The answer to a sign-in (RFC 6749 §5.1); `expires_in` is in seconds. */
export interface SignedIn {
  access_token: string;
  token_type: string;
  expires_in: number;
}

export interface AuditEntry {
  seq: number;
  time: string;
  type: string;
  actor: { kind: string; name: string; address?: string };
  outcome: string;
  subject: string | null;
  data: unknown;
  hash: string;
}

export interface AuditVerification {
  ok: boolean;
  entries: number;
  /** The last entry, `null` in an empty ledger. */
  head: { seq: number; hash: string } | null;
  problem?: { seq: number; reason: string };
}

/** What an inventory says of a certificate; times are RFC 3339, the serial number is lower-case hex. */
export interface CertificateFacts {
  serial: string;
  profile: string;
  /** Who checked the request; `system`: it is the authority's own; `recovered`: its entry was lost and made anew from the certificate. */
  source: 'admin' | 'acme' | 'system' | 'recovered';
  names: string[];
  notBefore: string;
  notAfter: string;
  issuedAt: string;
  owner: { kind: string; name: string } | null;
  status: 'valid' | 'expired' | 'revoked';
  revokedAt: string | null;
  reason: string | null;
}

export interface Certificate extends CertificateFacts {
  /** PEM, the leaf alone. */
  certificate: string;
  /** PEM, the leaf and the intermediates. */
  chain: string;
}

export interface CertificateAuthority {
  id: string;
  role: 'root' | 'intermediate';
  state: 'active' | 'retired' | 'revoked' | 'pending';
  keyType: string;
  subject: string;
  notBefore: string | null;
  notAfter: string | null;
  serial: string | null;
  /** Lower-case hex. */
  spkiSha256: string;
  /** `sha256/` and base64. */
  pin: string;
  keyOnline: boolean;
}

export interface CertificateAuthorities {
  /** PEM, one certificate or more. */
  roots: string;
  authorities: CertificateAuthority[];
  urls: { roots: string; crl: string | null; ocsp: string | null; acmeDirectory: string | null };
}

/** A key for external account binding (RFC 8555 §7.3.4): whose accounts it binds. */
export interface EabKey {
  kid: string;
  kind: string;
  name: string;
  createdAt: string;
}

/** `hmacKey` is the secret, base64url: it is told this once. */
export interface CreatedEabKey extends EabKey {
  hmacKey: string;
}

export interface AcmeAccount {
  id: string;
  status: string;
  contact: string[];
  owner: { kind: string; name: string } | null;
  createdAt: string;
}
