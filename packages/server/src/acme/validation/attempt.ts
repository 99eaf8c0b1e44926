// The input of a validation, for every type of challenge (RFC 8555 §8).
import type { Identifier } from '../order/identifiers.ts';

export interface ChallengeAttempt {
  /** Without the `*.` of a wildcard. */
  identifier: Identifier;
  token: string;
  /** RFC 8555 §8.1. */
  keyAuthorization: string;
  signal: AbortSignal;
}
