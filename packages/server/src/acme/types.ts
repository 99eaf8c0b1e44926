// The types of this capability (RFC 8555 §7.1): accounts, orders, authorizations and challenges as they are
// stored.
import type { Owner } from '@gatehouse/access';
import type { Certificates } from '../ca/index.ts';
import type { Connection, Tx } from '../platform/store/database.ts';
import type { AcmeProblem } from './problem.ts';

export const CHALLENGE_TYPES = ['http-01', 'dns-01', 'tls-alpn-01'] as const;
export type ChallengeType = (typeof CHALLENGE_TYPES)[number];

/** Times are milliseconds since the epoch, here and below. */
export interface Account {
  id: string;
  thumbprint: string;
  /** JSON of the JWK. */
  jwk: string;
  status: 'valid' | 'deactivated';
  contact: string[];
  termsAgreed: boolean;
  /** The key of the external account binding, and the owner of that key. */
  eabKid: string | undefined;
  owner: Owner | undefined;
  createdAt: number;
}

/**
 * An authorization and its challenges. They share one token, because a client answers at most one of them.
 */
export interface Authorization {
  id: string;
  accountId: string;
  /** The identifier as text; a wildcard with its `*.`. */
  name: string;
  token: string;
  /** Clients see `processing` as `pending`: only challenges have that status (RFC 8555 §7.1.6). */
  status: 'pending' | 'processing' | 'valid' | 'invalid' | 'deactivated';
  /** The challenge that was answered. */
  challenge: ChallengeType | undefined;
  validatedAt: number | undefined;
  error: AcmeProblem | undefined;
  expiresAt: number;
}

/**
 * An order as it is stored. A stored `pending` may mean ready or invalid: see `order-status.ts`.
 */
export interface Order {
  id: string;
  accountId: string;
  status: 'pending' | 'valid';
  names: string[];
  /** The ids of its authorizations. */
  authorizations: string[];
  notBefore: number | undefined;
  notAfter: number | undefined;
  /** The identifier of the certificate that this order replaces (RFC 9773 §4.1, §5). */
  replaces: string | undefined;
  /** The serial number of the certificate, in hex. */
  certificate: string | undefined;
  createdAt: number;
  expiresAt: number;
  /** When the row may be removed. */
  removableAt: number;
}

export interface EabKey {
  kid: string;
  owner: Owner;
  createdAt: number;
}

/** Users and services, which may own ACME accounts. */
export interface Owners {
  /** The user of that name or, if there is none, the service. A new service is registered. */
  resolve(tx: Tx, name: string, roles: readonly string[] | undefined): Promise<Owner>;
  /**
   * Whether the owner was neither removed nor disabled; within a transaction, as the transaction reads it.
   */
  isActive(connection: Connection, owner: Owner): Promise<boolean>;
}

/** The part of the authority that ACME needs. */
export type AcmeCertificates = Pick<
  Certificates,
  'sign' | 'record' | 'find' | 'findIssued' | 'revokeCertificate' | 'isForClients'
>;
