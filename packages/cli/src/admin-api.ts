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
