// The words of this capability (RFC 8555 §7.1): accounts, orders, authorizations and challenges as they are kept.
import type { Certificates } from '../ca/index.ts';
import type { Connection, Tx } from '../platform/database.ts';
import type { Owner } from '../platform/principal.ts';
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
  /** The key of the external account binding, and whose that is. */
  eabKid: string | undefined;
  owner: Owner | undefined;
  createdAt: number;
}

/** An authorization with its challenges, which share one token; only one of them is ever answered. */
export interface Authorization {
  id: string;
  accountId: string;
  /** The identifier in text; a wildcard with its `*.`. */
  name: string;
  token: string;
  /** `processing` is shown as `pending`: it is the challenge that is processed (RFC 8555 §7.1.6). */
  status: 'pending' | 'processing' | 'valid' | 'invalid' | 'deactivated';
  /** The challenge that was answered. */
  challenge: ChallengeType | undefined;
  validatedAt: number | undefined;
  error: AcmeProblem | undefined;
  expiresAt: number;
}

/** An order as it is kept; `pending` may mean more, which its authorizations say. */
export interface Order {
  id: string;
  accountId: string;
  status: 'pending' | 'valid';
  names: string[];
  /** The ids of its authorizations. */
  authorizations: string[];
  notBefore: number | undefined;
  notAfter: number | undefined;
  /** The certificate that is to be replaced, by its identifier in renewal information (RFC 9773 §4.1, §5). */
  replaces: string | undefined;
  /** The serial number of the certificate, in hex. */
  certificate: string | undefined;
  createdAt: number;
  expiresAt: number;
  /** When the row may go. */
  keptUntil: number;
}

export interface EabKey {
  kid: string;
  owner: Owner;
  createdAt: number;
}

/** The users and services of identity, as far as ACME accounts belong to them. */
export interface Owners {
  /** A user of that name, else the service, which is registered when it is new. */
  resolve(tx: Tx, name: string, roles: readonly string[] | undefined): Promise<Owner>;
  /** Whether the owner was neither removed nor disabled; within a transaction, as it stands there. */
  isActive(connection: Connection, owner: Owner): Promise<boolean>;
}

/** The part of the authority that ACME needs. */
export type AcmeCertificates = Pick<Certificates, 'sign' | 'record' | 'find' | 'revoke' | 'isForClients'>;
