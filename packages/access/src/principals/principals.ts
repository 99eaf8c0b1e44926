// The data about principals for authentication. It is plain data, because it is sent to the gateway's
// workers.

import type { Attributes } from './attributes.ts';

/** The data for the authentication of a user. */
export interface UserFacts {
  /** The roles of the user and of the user's groups. */
  roles: readonly string[];
  /** None if absent. */
  groups?: readonly string[];
  /** Disabled groups of the user, which have no effect. */
  disabledGroups?: readonly string[];
  /** None if absent. */
  attributes?: Attributes;
  disabled: boolean;
  /** Tokens with a different epoch are void. */
  tokenEpoch: number;
}

/**
 * The data for the authentication with a key of the service `name`: an API key, or a key that signs
 * requests.
 */
export interface KeyFacts {
  name: string;
  roles: readonly string[];
  /** SHA-256 of the key's secret, from `packHash`; empty for a key that signs requests. */
  secretHash: string;
  /** The public key (RFC 7517). Only for a key that signs requests. */
  publicKey?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; null for never. */
  expiresAt: number | null;
  /** Milliseconds since the epoch; only for a key that expires. */
  createdAt?: number;
  /** Its scopes, for routes that require scopes; none if absent. */
  scopes?: readonly string[];
  /** The networks from which it is accepted; all networks if absent. */
  addresses?: readonly string[];
}

/** The data for the authentication with a browser session. Times are milliseconds since the epoch. */
export interface SessionFacts {
  /** Of the user. */
  name: string;
  /** The host of its listener, with the port, in lower case. */
  host: string;
  /** Authentication Method References (RFC 8176). */
  amr: readonly string[];
  /** When the user last authenticated. */
  authTime: number;
  /** The session is void if the user has a different epoch. */
  tokenEpoch: number;
  expiresAt: number;
}

/** The data for the authentication of a service. */
export interface ServiceFacts {
  roles: readonly string[];
  /** None if absent. */
  attributes?: Attributes;
  /** Whether its keys and certificates are refused; absent means no. */
  disabled?: boolean;
}

/** A sign-in that ended before its access tokens expired. */
export interface EndedSignIn {
  /** When its last access token expires, in milliseconds since the epoch. */
  endsAt: number;
}

/** The data for the authentication of an OAuth client. */
export interface ClientFacts {
  /** The service that it acts as; null: it acts only for people. */
  service: string | null;
  disabled: boolean;
  /** Tokens with a different epoch are void. */
  epoch: number;
}

/** The algorithms of RFC 7616 §6.1, and MD5 for clients that support no other. */
export type DigestAlgorithm = 'SHA-256' | 'SHA-512-256' | 'MD5';

/**
 * A user's machine-made password for Digest: for each algorithm, H(A1) in lower-case hex (RFC 7616 §3.4.2).
 * It is equivalent to the password, so it is never logged.
 */
export type DigestFacts = Readonly<Record<DigestAlgorithm, string>>;

/** All principals that can authenticate. The maps change while they are in use. */
export interface Principals {
  users: ReadonlyMap<string, UserFacts>;
  keys: ReadonlyMap<string, KeyFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
  /** By the name of the user. */
  digests: ReadonlyMap<string, DigestFacts>;
  /** By the id of the session. */
  sessions: ReadonlyMap<string, SessionFacts>;
  /** By the id of the sign-in, which is `sid` in its access tokens. */
  endedSignIns: ReadonlyMap<string, EndedSignIn>;
  /** OAuth clients, by their ids. */
  clients: ReadonlyMap<string, ClientFacts>;
  /** The ids of revoked access tokens and revoked grants that have not expired. */
  revocations: ReadonlyMap<string, unknown>;
}
