// Authorizations (RFC 8555 §7.1.4, §7.5): created for an order or before one, their challenges, their status,
// and their deactivation.
import type { Clock } from '@gatehouse/access';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { ActiveAccounts } from '../account/active-accounts.ts';
import type { Ids } from '../ids.ts';
import { ABANDONED_AUTHORIZATIONS } from '../limits.ts';
import { AcmeError, unknownResource } from '../problem.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, Authorization, ChallengeType } from '../types.ts';
import { CHALLENGE_TYPES } from '../types.ts';
import { createOpenWork } from '../validation/open-work.ts';
import { identifierOf, isWildcard } from './identifiers.ts';

export type AuthorizationStatus = 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired';

export interface Authorizations {
  /**
   * An authorization for each name of an order. Reuses recent validations of the account. Throws
   * `rateLimited`.
   */
  forOrder(tx: Tx, account: Account, names: readonly string[]): Promise<Authorization[]>;
  /** An existing or a new authorization for a name without an order (§7.4.1). Throws `rateLimited`. */
  ahead(account: Account, name: string): Promise<{ authorization: Authorization; isNew: boolean }>;
  /** Throws `malformed` (404) for an authorization of another account. */
  find(account: Account, id: string): Promise<Authorization>;
  /** Throws as `find`, and `malformed` if it is neither pending nor valid (RFC 8555 §7.5.2). */
  deactivate(account: Account, id: string): Promise<Authorization>;
}

export interface AuthorizationsDeps {
  database: Database;
  store: AcmeStore;
  activeAccounts: ActiveAccounts;
  clock: Clock;
  ids: Ids;
}

const HOUR_MS = 3_600_000;
/** How long a challenge may be answered; a slow DNS zone needs hours. */
export const PENDING_MS = 24 * HOUR_MS;
/** How long other orders can reuse a validation. A renewal comes later, and needs a new validation. */
const REUSE_MS = HOUR_MS;

/** `pendingAuthorizations`: the maximum for one account. */
export function createAuthorizations(
  deps: AuthorizationsDeps,
  { pendingAuthorizations }: { pendingAuthorizations: number },
): Authorizations {
  const { database, store, activeAccounts, clock, ids } = deps;
  const pending = createOpenWork(
    { database, clock, count: (connection, id) => store.pendingAuthorizations(connection, id, clock.now()) },
    { limit: pendingAuthorizations, what: 'pending authorizations' },
  );
  // The limit of orders also limits the authorizations for orders.
  const abandoned = createOpenWork(
    {
      database,
      clock,
      count: (connection, id) => store.abandonedAuthorizations(connection, id, clock.now() - PENDING_MS),
    },
    { limit: ABANDONED_AUTHORIZATIONS, what: 'failed or deactivated authorizations' },
  );

  function recent(tx: Tx, accountId: string, name: string): Promise<Authorization | undefined> {
    const now = clock.now();
    const since = { expiresAfter: now + REUSE_MS, validatedAfter: now - REUSE_MS };
    return store.validAuthorization(tx, { accountId, name }, since);
  }

  function create(accountId: string, name: string): Authorization {
    return {
      id: ids.next(),
      accountId,
      name,
      token: ids.token(),
      status: 'pending',
      expiresAt: clock.now() + PENDING_MS,
      challenge: undefined,
      validatedAt: undefined,
      error: undefined,
    };
  }

  async function insert(tx: Tx, accountId: string, created: readonly Authorization[]): Promise<void> {
    await pending.admit(tx, accountId, created.length);
    for (const authorization of created) await store.insertAuthorization(tx, authorization);
  }

  async function find(account: Account, id: string): Promise<Authorization> {
    const found = await store.authorization(database.read, id);
    if (found?.accountId === account.id) return found;
    throw unknownResource('authorization');
  }

  return {
    find,
    async forOrder(tx, { id }, names) {
      const authorizations: Authorization[] = [];
      for (const name of names) authorizations.push((await recent(tx, id, name)) ?? create(id, name));
      await insert(
        tx,
        id,
        authorizations.filter(({ status }) => status === 'pending'),
      );
      return authorizations;
    },
    ahead(account, name) {
      const { id } = account;
      return database.write(async (tx) => {
        await activeAccounts.requireStill(tx, account);
        const open = { accountId: id, name, expiresAfter: clock.now() + REUSE_MS };
        const known = (await recent(tx, id, name)) ?? (await store.openAuthorization(tx, open));
        if (known) return { authorization: known, isNew: false };
        await abandoned.admit(tx, id, 1);
        const authorization = create(id, name);
        await insert(tx, id, [authorization]);
        return { authorization, isNew: true };
      });
    },
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

/** The status at `now`. A pending one that expires is invalid (RFC 8555 §7.1.6). */
export function authorizationStatus({ status, expiresAt }: Authorization, now: number): AuthorizationStatus {
  if (status === 'invalid' || status === 'deactivated') return status;
  if (expiresAt <= now) return status === 'valid' ? 'expired' : 'invalid';
  return status === 'processing' ? 'pending' : status;
}

/**
 * The challenges in its JSON: those that the client can answer, or the one that it has answered (RFC 8555
 * §7.1.4).
 */
export function challengesOf(authorization: Authorization): readonly ChallengeType[] {
  const { challenge, status } = authorization;
  const wasAnswered = status === 'valid' || status === 'invalid';
  return wasAnswered && challenge !== undefined ? [challenge] : challengesFor(authorization.name);
}

/**
 * Wildcards allow only dns-01, because only a zone can prove control of all its names (RFC 8555 §7.1.3).
 * Addresses never allow dns-01 (RFC 8738 §7).
 */
export function challengesFor(name: string): readonly ChallengeType[] {
  const identifier = identifierOf(name);
  if (isWildcard(identifier)) return ['dns-01'];
  return identifier.type === 'ip' ? ['http-01', 'tls-alpn-01'] : CHALLENGE_TYPES;
}
