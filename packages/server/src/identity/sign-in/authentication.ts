// Checks the password of a person, then the second factor if the user has one. The caller then issues an
// access token or a cookie. Every failure is in the ledger before the answer. Equal ones within a minute are
// only counted.
import { hash } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError, numericDate } from '@gatehouse/access';
import { createTurns } from '../../platform/jobs/in-turn.ts';
import type { RefusalCounter } from '../../platform/ledger/refusal-counter.ts';
import type { RepeatedEvents } from '../../platform/ledger/repeated-events.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import type { ShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { FactorMethod, Factors } from '../factors/factors.ts';
import type { SignInThrough } from '../store/session-rows.ts';
import type { IdentityStore, UserInGroups } from '../store/store.ts';
import type { Users } from '../users/users.ts';
import type { Attempt, FailureLimits } from './failure-limits.ts';

/** The origin of a sign-in. */
export interface SignInClient {
  address: string;
  requestId: string;
}

/** An authenticated person. */
export interface Authenticated {
  user: UserInGroups;
  /** The methods (RFC 8176). */
  amr: string[];
  /** The time of the authentication, as a NumericDate. */
  authTime: number;
  /** The sign-in at another provider that was the first factor. */
  through?: SignInThrough | undefined;
}

/** The proof of the first factor, and its time if it was earlier. */
export type FirstFactor = Pick<Authenticated, 'amr' | 'through'> & { authTime?: number };

/** The password was right, and the second factor is missing. */
export interface FactorRequired {
  /** Secret; proves the password to `secondFactor` for a few minutes. */
  mfaToken: string;
  methods: FactorMethod[];
}

export interface Authentication {
  /** Throws `credential_invalid` and `too_many_requests`. */
  password(
    given: { name: string; password: string },
    client: SignInClient,
  ): Promise<Authenticated | FactorRequired>;
  /**
   * Continues after a first factor other than the password: with the second factor, if the user has one
   * here.
   */
  firstFactor(
    user: UserInGroups,
    first: FirstFactor,
    client: SignInClient,
  ): Promise<Authenticated | FactorRequired>;
  /** Throws `credential_invalid` and `too_many_requests`. The token is consumed when the code is right. */
  secondFactor(given: { mfaToken: string; code: string }, client: SignInClient): Promise<Authenticated>;
  /** Stores the address of the user, in the transaction that completes the sign-in. */
  complete(tx: Tx, user: string, client: SignInClient): Promise<void>;
}

/** A sign-in between its two factors. */
export interface PendingSignIn {
  user: string;
  tokenEpoch: number;
  first: FirstFactor;
}

export interface AuthenticationDeps {
  database: Database;
  store: IdentityStore;
  users: Pick<Users, 'find' | 'checkPassword'>;
  factors: Pick<Factors, 'methods' | 'use'>;
  pending: ShortLivedStore<PendingSignIn>;
  limits: { passwords: FailureLimits; codes: FailureLimits };
  repeated: Pick<RepeatedEvents, 'record'>;
  refusals: Pick<RefusalCounter, 'count'>;
  clock: Clock;
  randomBytes: (length: number) => Uint8Array;
}

const MFA_TOKEN_SECONDS = 300;
const MFA_TOKEN_BYTES = 32;
const KNOWN_ADDRESSES = 20;
// These steps take about a millisecond.
const BEGUN_AT_ONCE = 4;

export function createAuthentication(deps: AuthenticationDeps): Authentication {
  const { database, store, users, factors, pending, limits, clock } = deps;
  const turns = createTurns(BEGUN_AT_ONCE);

  async function attemptBy(account: string, { address }: SignInClient): Promise<Attempt> {
    const isKnown = await store.isKnownAddress(database.read, account, addressShareOf(address));
    return { account, address, isKnown };
  }

  /** Throws `too_many_requests`, and counts the refusal. */
  function requireRoom(limit: FailureLimits, attempt: Attempt): void {
    try {
      limit.requireRoom(attempt);
    } catch (error) {
      const { address } = attempt;
      deps.refusals.count({ type: 'identity.sign_in_refused', subject: null, address });
      throw error;
    }
  }

  /** `name` is what the client claims. */
  function failed(
    name: string,
    factor: 'password' | 'code',
    { address, requestId }: SignInClient,
  ): Promise<void> {
    return deps.repeated.record({
      type: 'identity.sign_in',
      actor: { kind: 'anonymous', name: 'anonymous', address },
      outcome: 'failure',
      subject: name,
      data: { factor, requestId },
    });
  }

  /**
   * The ledger records it, because a right password without the second factor can mean that an attacker knows
   * the password.
   */
  function firstAccepted(name: string, { address, requestId }: SignInClient): Promise<void> {
    return deps.repeated.record({
      type: 'identity.factor_required',
      actor: { kind: 'anonymous', name: 'anonymous', address },
      outcome: 'success',
      subject: name,
      data: { requestId },
    });
  }

  async function waitForFactor(
    { name, tokenEpoch }: UserInGroups,
    first: FirstFactor,
    methods: FactorMethod[],
  ): Promise<FactorRequired> {
    const mfaToken = Buffer.from(deps.randomBytes(MFA_TOKEN_BYTES)).toString('base64url');
    const options = { owner: name, lifetimeSeconds: MFA_TOKEN_SECONDS };
    await pending.put(idOf(mfaToken), { user: name, tokenEpoch, first }, options);
    return { mfaToken, methods };
  }

  /** The user of a pending sign-in, unless the user has changed since the password check. */
  async function userOf(waiting: PendingSignIn | undefined): Promise<UserInGroups | undefined> {
    const user = waiting && (await users.find(waiting.user));
    return user && !user.disabled && user.tokenEpoch === waiting.tokenEpoch ? user : undefined;
  }

  function authenticated(user: UserInGroups, { authTime = numericDate(clock), ...proof }: FirstFactor) {
    return { user, ...proof, authTime };
  }

  async function firstFactor(user: UserInGroups, first: FirstFactor, client: SignInClient) {
    const methods = first.amr.includes('mfa') ? [] : await factors.methods(user.name);
    if (methods.length === 0) return authenticated(user, first);
    await firstAccepted(user.name, client);
    return waitForFactor(user, first, methods);
  }

  return {
    async password({ name, password }, client) {
      await turns();
      const attempt = await attemptBy(name, client);
      const begin = () => requireRoom(limits.passwords, attempt);
      begin();
      const queue = { address: client.address, knownAs: attempt.isKnown ? name : undefined, begin };
      const user = await users.checkPassword(name, password, queue);
      if (!user) {
        await Promise.all([limits.passwords.failed(attempt), failed(name, 'password', client)]);
        throw new GatehouseError('credential_invalid', 'The user name or the password is wrong.');
      }
      limits.passwords.succeeded(attempt);
      return firstFactor(user, { amr: ['pwd'] }, client);
    },

    firstFactor,

    async secondFactor({ mfaToken, code }, client) {
      const id = idOf(mfaToken);
      const waiting = await pending.find(id);
      const user = await userOf(waiting);
      if (!waiting || !user) {
        await failed('', 'code', client);
        throw unknownToken();
      }
      const attempt = await attemptBy(user.name, client);
      requireRoom(limits.codes, attempt);
      // Before the code is checked: many codes at once must not pass the limit together.
      const counted = limits.codes.failed(attempt);
      if (!(await factors.use(user.name, code))) {
        await Promise.all([counted, failed(user.name, 'code', client)]);
        throw new GatehouseError('credential_invalid', 'The code is wrong, has expired or was used before.');
      }
      limits.codes.succeeded(attempt);
      if (!(await pending.take(id))) throw unknownToken();
      return authenticated(user, { ...waiting.first, amr: [...waiting.first.amr, 'otp', 'mfa'] });
    },

    complete: (tx, user, { address }) =>
      store.knowAddress(tx, { user, address: addressShareOf(address), limit: KNOWN_ADDRESSES }, clock.now()),
  };
}

/** The store has no token that could be used. */
function idOf(mfaToken: string): string {
  return hash('sha256', mfaToken, 'base64url');
}

function unknownToken(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'The mfa_token is unknown, has expired or was used: sign in with the password again.',
  );
}
