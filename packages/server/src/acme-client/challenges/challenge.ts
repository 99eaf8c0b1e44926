// The facts that an answer to any kind of challenge needs.
import type { ChallengeKind } from '../settings.ts';

/** A challenge of an authorization (RFC 8555 §8). */
export interface Challenge {
  /** The host, without `*.`. */
  name: string;
  token: string;
  /** The token and the thumbprint of the account key (§8.1). */
  keyAuthorization: string;
}

/**
 * Makes the answer visible to the directory. Resolves when it is visible, with a function that removes it
 * again.
 */
export type Answerer = (challenge: Challenge, signal: AbortSignal) => Promise<() => Promise<void>>;

export type Answerers = Readonly<Record<ChallengeKind, (hook: string | undefined) => Answerer>>;
