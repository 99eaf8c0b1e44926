// The data about principals that authenticates a request. It is plain data, because it is sent to the
// gateway's workers.

/** What authentication knows about a user. */
export interface UserFacts {
  roles: readonly string[];
  disabled: boolean;
  /** Tokens of another epoch are void. */
  tokenEpoch: number;
}

/** What authentication knows about an API key, which belongs to the service `name`. */
export interface KeyFacts {
  name: string;
  roles: readonly string[];
  /** SHA-256 of the key's secret, from `packHash`. */
  secretHash: string;
  /** Milliseconds since the epoch; null for never. */
  expiresAt: number | null;
  /** Milliseconds since the epoch; only for a key that expires. */
  createdAt?: number;
  /** What it holds for routes that ask for scopes; none if absent. */
  scopes?: readonly string[];
  /** The networks that it is accepted from; anywhere if absent. */
  addresses?: readonly string[];
}

/** What authentication knows about a service. */
export interface ServiceFacts {
  roles: readonly string[];
}

/** The algorithms of RFC 7616 §6.1, and MD5 for clients that know no other. */
export type DigestAlgorithm = 'SHA-256' | 'SHA-512-256' | 'MD5';

/**
 * A user's machine-made password for Digest: for each algorithm, H(A1) in lower-case hex (RFC 7616 §3.4.2). As
 * good as the password itself, so it is never logged.
 */
export type DigestFacts = Readonly<Record<DigestAlgorithm, string>>;

/** All principals that can authenticate. The maps change while they are in use. */
export interface Principals {
  users: ReadonlyMap<string, UserFacts>;
  keys: ReadonlyMap<string, KeyFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
  /** By the name of the user. */
  digests: ReadonlyMap<string, DigestFacts>;
}
