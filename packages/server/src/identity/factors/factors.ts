// The second factors of users: TOTP, whose secret is sealed in the key store, and recovery codes. Passkeys
// are separate. One transaction checks a code and marks it as used, so it works only once, even if it comes
// twice at the same time.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { Attempt, FailureLimits } from '../sign-in/failure-limits.ts';
import type { IdentityStore, TotpFactor } from '../store/store.ts';
import { unknownUser } from '../users/users.ts';
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts';
import type { TotpKey } from './totp.ts';
import { isTotpCode, stepOf, TOTP_SECRET_BYTES, totpKey } from './totp.ts';

/** The methods that prove the second factor at `POST /auth/mfa`. */
export type FactorMethod = 'totp' | 'recovery';

export interface FactorStatus {
  /** When TOTP was switched on; null if it is off. */
  totpSince: number | null;
  recoveryCodesLeft: number;
}

export interface Enrolled extends TotpKey {
  recoveryCodes: string[];
}

export interface Factors {
  status(user: string): Promise<FactorStatus>;
  /** The methods that the user can choose; none if the password is enough. */
  methods(user: string): Promise<FactorMethod[]>;
  /** A new secret, which `confirm` switches on. Throws `conflict` if TOTP is on. */
  begin(user: string, actor: Actor): Promise<TotpKey>;
  /**
   * Switches TOTP on, and returns recovery codes. Throws `conflict` if there is nothing to confirm,
   * `unprocessable` for a wrong code, and `too_many_requests` after many of them.
   */
  confirm(user: string, code: string, actor: Actor): Promise<string[]>;
  /** Switches TOTP on at once. Throws `conflict` if it is on, `not_found` for an unknown user. */
  enrol(user: string, actor: Actor): Promise<Enrolled>;
  /**
   * Switches TOTP off, and removes the recovery codes. Ends the sign-ins with a code, except `session`, the
   * one that removes it. Throws `not_found` if it is off.
   */
  remove(user: string, actor: Actor, session?: string): Promise<void>;
  /** Replaces the recovery codes. Throws `conflict` if the user has no second factor. */
  renewRecoveryCodes(user: string, actor: Actor): Promise<string[]>;
  /** Marks a code as used. Returns its kind; undefined if it is wrong, or was used before (RFC 6238 §5.2). */
  use(user: string, code: string): Promise<FactorMethod | undefined>;
  /** Deletes all factors of a user that is removed. */
  removeOf(tx: Tx, user: string): Promise<void>;
}

export interface FactorsDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  keyStore: Pick<KeyStore, 'load' | 'seal' | 'remove'>;
  /** The limit for wrong codes when TOTP is switched on. */
  confirmations: FailureLimits;
  clock: Clock;
  randomBytes: (length: number) => Uint8Array;
}

export function createFactors(deps: FactorsDeps): Factors {
  const { database, store, events, keyStore, confirmations, clock, randomBytes } = deps;

  async function create(user: string, state: 'confirmed' | 'waiting') {
    const id = randomUUID();
    const secret = randomBytes(TOTP_SECRET_BYTES);
    const seal = await keyStore.seal(secretName(id), secret);
    const now = clock.now();
    const confirmedAt = state === 'confirmed' ? now : null;
    const insert = async (tx: Tx) => {
      if (!(await store.user(tx, user))) throw unknownUser(user);
      if (await store.totp(tx, user, 'confirmed')) throw alreadyOn(user);
      for (const waiting of await store.deleteTotp(tx, user, 'waiting')) await forget(tx, waiting);
      await store.insertTotp(tx, { id, user, createdAt: now, confirmedAt, lastStep: 0 });
      await seal(tx);
    };
    return { key: totpKey(secret, user), insert };
  }

  async function forget(tx: Tx, id: string): Promise<void> {
    await keyStore.remove(tx, secretName(id));
  }

  async function replaceCodes(tx: Tx, user: string): Promise<string[]> {
    const codes = newRecoveryCodes(randomBytes);
    await store.replaceRecoveryCodes(
      tx,
      user,
      codes.flatMap((code) => recoveryCodeHash(code) ?? []),
    );
    return codes;
  }

  async function stepFor({ id }: TotpFactor, code: string): Promise<number | undefined> {
    const secret = await keyStore.load(secretName(id));
    return secret && stepOf(code, secret, clock.now());
  }

  async function useTotp(user: string, code: string): Promise<boolean> {
    const factor = await store.totp(database.read, user, 'confirmed');
    const step = factor && (await stepFor(factor, code));
    if (!factor || step === undefined) return false;
    return database.write((tx) => store.useStep(tx, factor.id, step));
  }

  async function useRecovery(user: string, code: string): Promise<boolean> {
    const hash = recoveryCodeHash(code);
    if (hash === undefined) return false;
    return database.write(async (tx) => {
      if (!(await store.useRecoveryCode(tx, { user, hash }, clock.now()))) return false;
      const left = await store.recoveryCodesLeft(tx, user);
      const actor: Actor = { kind: 'user', name: user };
      await events.publish(tx, factorEvent('recovery_code_used', actor, user, { left }));
      return true;
    });
  }

  async function status(user: string): Promise<FactorStatus> {
    const factor = await store.totp(database.read, user, 'confirmed');
    const recoveryCodesLeft = await store.recoveryCodesLeft(database.read, user);
    return { totpSince: factor?.confirmedAt ?? null, recoveryCodesLeft };
  }

  async function removeOf(tx: Tx, user: string): Promise<void> {
    for (const id of await store.deleteTotp(tx, user)) await forget(tx, id);
    await store.replaceRecoveryCodes(tx, user, []);
  }

  return {
    status,
    removeOf,
    async methods(user) {
      const { totpSince, recoveryCodesLeft } = await status(user);
      if (totpSince === null) return [];
      return recoveryCodesLeft > 0 ? ['totp', 'recovery'] : ['totp'];
    },
    async begin(user, actor) {
      const { key, insert } = await create(user, 'waiting');
      await database.write(async (tx) => {
        await insert(tx);
        await events.publish(tx, factorEvent('totp_begun', actor, user));
      });
      return key;
    },
    async confirm(user, code, actor) {
      const factor = await store.totp(database.read, user, 'waiting');
      if (!factor) throw nothingToConfirm();
      const attempt: Attempt = { account: user, address: actor.address ?? '', isKnown: true };
      confirmations.requireRoom(attempt);
      // The limit counts before the code is checked, as at a sign-in.
      const counted = confirmations.failed(attempt);
      if ((await stepFor(factor, code.trim())) === undefined) {
        await counted;
        throw wrongCode();
      }
      confirmations.succeeded(attempt);
      return database.write(async (tx) => {
        if ((await store.totp(tx, user, 'waiting'))?.id !== factor.id) throw nothingToConfirm();
        // The code may still be used once to sign in: it has proved only that the app has the secret.
        await store.confirmTotp(tx, factor.id, clock.now());
        const codes = await replaceCodes(tx, user);
        await events.publish(tx, factorEvent('totp_enabled', actor, user));
        return codes;
      });
    },
    async enrol(user, actor) {
      const { key, insert } = await create(user, 'confirmed');
      const recoveryCodes = await database.write(async (tx) => {
        await insert(tx);
        const codes = await replaceCodes(tx, user);
        await events.publish(tx, factorEvent('totp_enabled', actor, user));
        return codes;
      });
      return { ...key, recoveryCodes };
    },
    async remove(user, actor, session) {
      await database.write(async (tx) => {
        if (!(await store.totp(tx, user, 'confirmed'))) throw notOn(user);
        await removeOf(tx, user);
        const data = { ...(session !== undefined && { session }) };
        await events.publish(tx, factorEvent('totp_removed', actor, user, data));
      });
    },
    renewRecoveryCodes: (user, actor) =>
      database.write(async (tx) => {
        if (!(await store.totp(tx, user, 'confirmed'))) throw noFactor(user);
        const codes = await replaceCodes(tx, user);
        await events.publish(tx, factorEvent('recovery_codes_renewed', actor, user));
        return codes;
      }),
    async use(user, code) {
      const trimmed = code.trim();
      if (isTotpCode(trimmed)) return (await useTotp(user, trimmed)) ? 'totp' : undefined;
      return (await useRecovery(user, trimmed)) ? 'recovery' : undefined;
    },
  };
}

/** The name of the secret in the key store. */
function secretName(id: string): string {
  return `identity/totp/${id}`;
}

function alreadyOn(user: string): GatehouseError {
  return new GatehouseError('conflict', `${user} already has TOTP: remove it first, then enrol again.`);
}

function notOn(user: string): GatehouseError {
  return new GatehouseError('not_found', `${user} has no TOTP to remove.`);
}

function noFactor(user: string): GatehouseError {
  return new GatehouseError('conflict', `${user} has no second factor: switch TOTP on first.`);
}

function nothingToConfirm(): GatehouseError {
  return new GatehouseError('conflict', 'There is no TOTP to confirm: begin with POST /auth/totp.');
}

function wrongCode(): GatehouseError {
  return new GatehouseError(
    'unprocessable',
    'The code is wrong or has expired: send the six digits that the app shows now, and check the clock of the device.',
  );
}

function factorEvent(fact: string, actor: Actor, user: string, data: DomainEvent['data'] = {}): DomainEvent {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: user, data };
}
