// What every type of challenge needs for its validation (RFC 8555 §8).
import type { Identifier } from '../order/identifiers.ts';

export interface ChallengeAttempt {
  /** Without the `*.` of a wildcard. */
  identifier: Identifier;
  token: string;
  /** RFC 8555 §8.1. */
  keyAuthorization: string;
  signal: AbortSignal;
}
