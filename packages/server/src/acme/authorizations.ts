// Authorizations (RFC 8555 §7.1.4, §7.5): what each offers, what it has become, and giving one up.
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { identifierOf, isWildcard } from './identifiers.ts';
import { AcmeError, unknownResource } from './problem.ts';
import type { AcmeStore } from './store.ts';
import type { Account, Authorization, ChallengeType } from './types.ts';
import { CHALLENGE_TYPES } from './types.ts';

export type AuthorizationStatus = 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired';

export interface Authorizations {
  /** Throws `malformed` (404) for one that is not this account's. */
  find(account: Account, id: string): Promise<Authorization>;
  /** Throws as `find`, and `malformed` for one that is neither pending nor valid (RFC 8555 §7.5.2). */
  deactivate(account: Account, id: string): Promise<Authorization>;
}

export function createAuthorizations(deps: {
  database: Database;
  store: AcmeStore;
  clock: Clock;
}): Authorizations {
  const { database, store, clock } = deps;

  async function find(account: Account, id: string): Promise<Authorization> {
    const found = await store.authorization(id);
    if (found?.accountId === account.id) return found;
    throw unknownResource('authorization');
  }

  return {
    find,
    async deactivate(account, id) {
      const found = await find(account, id);
      const deactivated: Authorization = { ...found, status: 'deactivated' };
      const now = clock.now();
      const done = await database.write(
        async (tx) =>
          (await store.updateAuthorization(tx, { from: ['valid'], now }, deactivated)) ||
          (await store.updateAuthorization(tx, { from: ['pending', 'processing'], now }, deactivated)),
      );
      if (done) return deactivated;
      throw new AcmeError('malformed', 'Only a pending or valid authorization can be deactivated.');
    },
  };
}

/** Where it stands at `now`: what is pending when it expires was never given (RFC 8555 §7.1.6). */
export function statusOf({ status, expiresAt }: Authorization, now: number): AuthorizationStatus {
  if (status === 'invalid' || status === 'deactivated') return status;
  if (expiresAt <= now) return status === 'valid' ? 'expired' : 'invalid';
  return status === 'processing' ? 'pending' : status;
}

/** The challenges it is shown with: those that may be answered, or the one that was (RFC 8555 §7.1.4). */
export function challengesOf(authorization: Authorization): readonly ChallengeType[] {
  const { challenge, status } = authorization;
  const wasAnswered = status === 'valid' || status === 'invalid';
  return wasAnswered && challenge !== undefined ? [challenge] : challengesFor(authorization.name);
}

/** Wildcards by dns-01 alone (RFC 8555 §7.1.3 leaves it to us, and only a zone speaks for all its names); addresses never (RFC 8738 §7). */
export function challengesFor(name: string): readonly ChallengeType[] {
  const identifier = identifierOf(name);
  if (isWildcard(identifier)) return ['dns-01'];
  return identifier.type === 'ip' ? ['http-01', 'tls-alpn-01'] : CHALLENGE_TYPES;
}
