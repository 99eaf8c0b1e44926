// Why a certificate was revoked (RFC 5280 §5.3.1): CRLReason as text.
// Refuses the unused code 7, and removeFromCRL, which only delta lists use.
import type { DerReader } from './der/read.ts';
import { DerError } from './errors.ts';

const CODE_OF_REASON = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

/** Why a certificate was revoked, by the names of RFC 5280 §5.3.1. */
export type RevocationReason = keyof typeof CODE_OF_REASON;

/**
 * Every reason that this package writes and reads.
 * @example
 * const isReason = REVOCATION_REASONS.some((reason) => reason === text);
 */
export const REVOCATION_REASONS = Object.keys(CODE_OF_REASON) as readonly RevocationReason[];

/** The code to write. `undefined` for `unspecified`, which is left out (RFC 5280 §5.3.1). */
export function reasonToWrite(reason: RevocationReason | undefined): number | undefined {
  if (reason === undefined || reason === 'unspecified') return undefined;
  return CODE_OF_REASON[reason];
}

/**
 * Reads one CRLReason.
 * @throws DerError
 */
export function readReason(reader: DerReader): RevocationReason {
  const { offset } = reader;
  const reason = REASON_OF_CODE.get(reader.enumerated(MAX_CODE));
  if (reason === undefined) throw new DerError('not a reason for revocation (RFC 5280 §5.3.1)', offset);
  return reason;
}

const MAX_CODE = 10;
const REASON_OF_CODE: ReadonlyMap<number, RevocationReason> = new Map(
  REVOCATION_REASONS.map((reason) => [CODE_OF_REASON[reason], reason]),
);
