// Answering challenges (RFC 8555 §7.5.1). A validation runs outside of any transaction. A transaction stores
// its result if the authorization still waits for it. If the result is known within a second, the client gets
// it at once. Otherwise the authorization is stored as `processing`, so that the next process can resume it.
import type { Clock } from '@gatehouse/access';
import type { Events } from '../../platform/feed/events.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import { createLimiter } from '../../platform/limits/limiter.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import { challengeFailed } from '../events.ts';
import { VALIDATIONS, VALIDATIONS_OF_ADDRESS } from '../limits.ts';
import { authorizationStatus, challengesFor } from '../order/authorizations.ts';
import { identifierOf } from '../order/identifiers.ts';
import { AcmeError, acmeErrorFrom, problemOf, unknownResource } from '../problem.ts';
import type { AcmeStore } from '../store/store.ts';
import type { Account, Authorization, ChallengeType } from '../types.ts';
import { tooManyValidations } from './failure.ts';
import { settledWithin } from './settled-within.ts';
import type { Validator } from './validator.ts';

export interface Validations {
  /** Answers a challenge of this authorization. If a challenge was answered before, returns its result. */
  answer(attempt: Answered): Promise<Authorization>;
  /** Resumes the validations that the last process did not finish. */
  resume(): Promise<void>;
  /** Stops the running validations. The next process resumes them. */
  close(): Promise<void>;
}

export interface Answered {
  account: Account;
  authorization: Authorization;
  type: ChallengeType;
  /** The address of the client. */
  address: string;
}

export interface ValidationsDeps {
  database: Database;
  store: AcmeStore;
  events: Events;
  clock: Clock;
  log: Log;
  validator: Validator;
}

const GRACE_MS = 1000;
/** Replaces the client's address for the validations of an earlier process, which limited their number. */
const RESUMED = 'resumed';
// Accounts wait in turn, so addresses need no separate queue.
const OF_ADDRESS = {
  atOnce: Number.POSITIVE_INFINITY,
  waiting: 0,
  atOnceOfOne: VALIDATIONS_OF_ADDRESS,
  waitingOfOne: 0,
};
/** How long a validation is valid. Other names of the order may take longer. */
const VALID_MS = 24 * 3_600_000;

export function createValidations(deps: ValidationsDeps): Validations {
  const { database, store, events, clock, log, validator } = deps;
  const running = new Map<string, { type: ChallengeType; done: Promise<Authorization> }>();
  const ofAccounts = createLimiter(VALIDATIONS, tooManyValidations);
  const ofAddresses = createLimiter(OF_ADDRESS, tooManyValidations);
  const stopping = new AbortController();

  /** Why the challenge failed; undefined if it succeeded. */
  async function attempt({ account, authorization, type }: Answered): Promise<AcmeError | undefined> {
    const { name, token } = authorization;
    const identifier = identifierOf(name.replace(/^\*\./, ''));
    const keyAuthorization = `${token}.${account.thumbprint}`;
    try {
      await validator.validate(type, { identifier, token, keyAuthorization, signal: stopping.signal });
      return undefined;
    } catch (error) {
      if (!(error instanceof AcmeError))
        log.event('acme.validation_failed', { error, authorization: authorization.id });
      return acmeErrorFrom(error);
    }
  }

  function whenThereIsRoom<T>({ account, address }: Answered, act: () => Promise<T>): Promise<T> {
    const ofAccount = () => ofAccounts.run(account.id, act);
    return address === RESUMED ? ofAccount() : ofAddresses.run(addressShareOf(address), ofAccount);
  }

  async function run(answered: Answered): Promise<Authorization> {
    const { authorization, type } = answered;
    const failure = await whenThereIsRoom(answered, () => attempt(answered));
    // A validation that was stopped says nothing about the challenge.
    if (stopping.signal.aborted) return authorization;
    const now = clock.now();
    const outcome: Authorization = failure
      ? { ...authorization, status: 'invalid', challenge: type, error: problemOf(failure) }
      : { ...authorization, status: 'valid', challenge: type, validatedAt: now, expiresAt: now + VALID_MS };
    return apply(answered, outcome, failure);
  }

  async function apply(
    { account, authorization, type, address }: Answered,
    outcome: Authorization,
    failure: AcmeError | undefined,
  ): Promise<Authorization> {
    const { id, name } = authorization;
    return database.write(async (tx) => {
      const awaited = { from: ['pending', 'processing'], now: clock.now() } as const;
      const applied = await store.updateAuthorization(tx, awaited, outcome);
      if (!applied) return (await store.authorization(tx, id)) ?? authorization;
      if (failure) {
        const facts = { name, challenge: type, type: failure.type, detail: failure.message };
        await events.publish(tx, challengeFailed(account, address, facts));
      }
      return outcome;
    });
  }

  function start(answered: Answered) {
    const { id } = answered.authorization;
    const done = run(answered).finally(() => running.delete(id));
    // A client that waits gets the error, too; but perhaps no client waits.
    done.catch((error) => {
      if (!(error instanceof AcmeError)) {
        log.event('acme.validation_not_recorded', { error, authorization: id });
      }
    });
    const started = { type: answered.type, done };
    running.set(id, started);
    return started;
  }

  /** Stored before the client gets the answer. */
  async function storeProcessing({ authorization, type }: Answered): Promise<Authorization> {
    const processing: Authorization = { ...authorization, status: 'processing', challenge: type };
    return database.write(async (tx) => {
      const untouched = { from: ['pending'], now: clock.now() } as const;
      if (await store.updateAuthorization(tx, untouched, processing)) return processing;
      return (await store.authorization(tx, authorization.id)) ?? processing;
    });
  }

  return {
    async answer(answered) {
      const { authorization, type } = answered;
      if (!challengesFor(authorization.name).includes(type)) throw unknownResource('challenge');
      if (authorizationStatus(authorization, clock.now()) !== 'pending') return authorization;
      const current = running.get(authorization.id) ?? start(answered);
      if (current.type !== type) {
        throw new AcmeError(
          'malformed',
          `The challenge ${current.type} of this authorization is being validated.`,
        );
      }
      const settled = await settledWithin(current.done, GRACE_MS);
      return settled ?? storeProcessing(answered);
    },
    async resume() {
      for (const authorization of await store.authorizationsInProgress(database.read, clock.now())) {
        const account = await store.account(database.read, authorization.accountId);
        const { id, challenge: type } = authorization;
        if (account?.status !== 'valid' || type === undefined || running.has(id)) continue;
        start({ account, authorization, type, address: RESUMED });
      }
    },
    async close() {
      stopping.abort();
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
}
