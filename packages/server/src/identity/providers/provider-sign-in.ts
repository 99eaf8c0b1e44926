// Sign-in through another provider, from the button to the session: sends the browser there, verifies the
// answer, and finds the user by the link. Every refusal is in the ledger before its answer.
import { randomBytes } from 'node:crypto';
import type { Clock, UserFacts } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor } from '../../platform/feed/events.ts';
import type { Call } from '../../platform/http/route.ts';
import type { RepeatedEvents } from '../../platform/ledger/repeated-events.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import type { Log } from '../../platform/log/log.ts';
import type { Database } from '../../platform/store/database.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Authenticated, Authentication, FactorRequired } from '../sign-in/authentication.ts';
import type { UserInGroups } from '../store/store.ts';
import type { Users } from '../users/users.ts';
import { ADMINISTRATOR } from '../users/users.ts';
import { reasonOf } from './discovery.ts';
import type { Links, Subject } from './links.ts';
import type { ProviderClient, Vouched } from './provider-client.ts';
import { methodsOf } from './provider-methods.ts';
import type { ProviderSettings, SignUpSettings } from './provider-settings.ts';
import { accountFor } from './sign-up.ts';
import type { Purpose, Transaction, Transactions } from './transactions.ts';

/** The return of the browser. */
export type Finished =
  | { kind: 'linked' }
  | { kind: 'signed-in'; outcome: Authenticated | FactorRequired; next: string }
  | { kind: 'refused'; error: GatehouseError; next: string };

export interface ProviderSignIn {
  /** The redirect to the provider. Throws `not_found` and `provider_unavailable`. */
  begin(provider: string, purpose: Purpose, call: Caller): Promise<{ url: string; cookie: string }>;
  /**
   * `query`: the parameters from the browser. The errors of a refusal: `sign_in_incomplete` for an answer
   * without a pending sign-in of this browser, `provider_unavailable`, `provider_answer_invalid`,
   * `account_not_linked`, `forbidden` for a disabled user, and `conflict`. Throws `not_found`.
   */
  finish(provider: string, answer: { query: string; state: string }, call: Caller): Promise<Finished>;
}

type Caller = Pick<Call, 'header' | 'address' | 'requestId'>;

export interface ProviderSignInDeps {
  /** By name. */
  clients: ReadonlyMap<string, ProviderClient>;
  transactions: Transactions;
  links: Links;
  users: Pick<Users, 'find' | 'prepareUser'>;
  /** By name. */
  userFacts: ReadonlyMap<string, UserFacts>;
  sessions: Pick<Sessions, 'of' | 'requireOpen'>;
  authentication: Pick<Authentication, 'firstFactor'>;
  database: Database;
  repeated: Pick<RepeatedEvents, 'record'>;
  log: Pick<Log, 'event'>;
  clock: Clock;
}

const ACCOUNT = '/account';
const TOLERANCE_MS = 60_000;
const PASSWORD_OCTETS = 32;
const LABEL_LENGTH = 128;
/** The ID token is part of a URL at the sign-out, and servers accept URLs of about 8,000 octets. */
const MOST_OF_ID_TOKEN = 6000;

export function createProviderSignIn(deps: ProviderSignInDeps): ProviderSignIn {
  const { links, users, sessions, clock } = deps;

  function clientOf(provider: string): ProviderClient {
    const client = deps.clients.get(provider);
    if (client) return client;
    throw new GatehouseError('not_found', `There is no sign-in provider ${provider.slice(0, 64)}.`);
  }

  /** Records the refusal before the answer. The log has the message of the provider. */
  async function refuse(provider: string, error: GatehouseError, call: Caller, sub: string | null) {
    const { address, requestId } = call;
    if (error.cause !== undefined) {
      deps.log.event('identity.provider_refused', {
        provider,
        reason: reasonOf(error.cause),
        address,
        requestId,
      });
    }
    await deps.repeated.record({
      type: 'identity.provider_sign_in_refused',
      actor: { kind: 'anonymous', name: 'anonymous', address },
      outcome: 'failure',
      subject: null,
      data: { provider, sub, code: error.code, requestId },
    });
  }

  async function link(
    client: ProviderClient,
    vouched: Vouched,
    { transaction, call }: Answered,
  ): Promise<Finished> {
    const { linkFor: { user, sessionId } = { user: '', sessionId: '' } } = transaction;
    const session = sessions.of(call);
    if (session?.user !== user || session.id !== sessionId) throw otherSession();
    const label = labelIn(await client.allClaims(vouched).catch(() => vouched.claims));
    const actor: Actor = { kind: 'user', name: user, address: call.address };
    const made = { ...subjectOf(client, vouched), user, label };
    await deps.database.write(async (tx) => {
      // The provider may have taken seconds to answer.
      await sessions.requireOpen(tx, session);
      await links.add(tx, made, actor);
    });
    return { kind: 'linked' };
  }

  async function signIn(
    client: ProviderClient,
    vouched: Vouched,
    { transaction, call }: Answered,
  ): Promise<Finished> {
    const user = await userFor(client, vouched, call);
    const { name: provider } = client.settings;
    const { sub: subject, sid } = vouched.claims;
    const first = {
      amr: methodsOf(vouched.claims, client.settings),
      authTime: Math.floor(authTimeOf(vouched, clock.now()) / 1000),
      through: { provider, subject, sid: typeof sid === 'string' ? sid : null, idToken: hintIn(vouched) },
    };
    const outcome = await deps.authentication.firstFactor(user, first, call);
    return { kind: 'signed-in', outcome, next: transaction.next };
  }

  async function userFor(client: ProviderClient, vouched: Vouched, call: Caller): Promise<UserInGroups> {
    const known = await links.find(subjectOf(client, vouched));
    const user = known && (await users.find(known.user));
    if (user?.disabled) throw disabled();
    if (user) return user;
    const { signUp, title = client.settings.name } = client.settings;
    if (!signUp) throw notLinked(title);
    return createAccount(client, vouched, { signUp, call });
  }

  async function createAccount(
    client: ProviderClient,
    vouched: Vouched,
    { signUp, call }: { signUp: SignUpSettings; call: Caller },
  ): Promise<UserInGroups> {
    const claims = await client.allClaims(vouched);
    const account = accountFor(claims, signUp);
    if (account.name.toLowerCase() === ADMINISTRATOR || deps.userFacts.has(account.name))
      throw nameTaken(account.name);
    // A random password, which is not shown: the person can ask for a link to choose one.
    const password = randomBytes(PASSWORD_OCTETS).toString('base64url');
    const prepared = await users.prepareUser({ ...account, password });
    const actor: Actor = { kind: 'user', name: account.name, address: call.address };
    const made = { ...subjectOf(client, vouched), user: account.name, label: labelIn(claims) };
    await deps.database.write(async (tx) => {
      await prepared.store(tx, actor).catch((error: unknown) => {
        throw error instanceof GatehouseError && error.code === 'conflict' ? nameTaken(account.name) : error;
      });
      await links.add(tx, made, actor);
    });
    return prepared.user;
  }

  return {
    async begin(provider, purpose, call) {
      const client = clientOf(provider);
      const { state, nonce, challenge, cookie } = await deps.transactions.begin(provider, purpose, call);
      const url = await client.authorizationUrl({ state, nonce, challenge, again: purpose.again });
      return { url, cookie };
    },
    async finish(provider, { query, state }, call) {
      const client = clientOf(provider);
      let sub: string | null = null;
      const transaction = await deps.transactions.take(provider, state, call);
      try {
        if (!transaction) throw incomplete();
        const { nonce, verifier, linkFor } = transaction;
        const expected = { state, nonce, verifier };
        const vouched = await client.redeem(query, expected, addressShareOf(call.address));
        sub = vouched.claims.sub;
        requireRecent(vouched, transaction);
        requireClaims(vouched, client.settings);
        return await (linkFor ? link : signIn)(client, vouched, { transaction, call });
      } catch (error) {
        if (!(error instanceof GatehouseError)) throw error;
        await refuse(provider, error, call, sub);
        return { kind: 'refused', error, next: transaction?.next ?? ACCOUNT };
      }
    },
  };
}

interface Answered {
  transaction: Transaction;
  call: Caller;
}

function subjectOf({ settings: { name, issuer } }: ProviderClient, { claims }: Vouched): Subject {
  return { provider: name, issuer, subject: claims.sub };
}

/** If the provider was asked for a new sign-in and sends its time, that time must be recent. */
function requireRecent({ claims: { auth_time: time } }: Vouched, { again, beganAt }: Transaction): void {
  if (!again || typeof time !== 'number' || time * 1000 >= beganAt - TOLERANCE_MS) return;
  throw new GatehouseError(
    'provider_answer_invalid',
    'The provider did not ask you to sign in again: sign out there, then sign in again.',
  );
}

/** Each claim is a text, or a list of texts, such as groups. */
function requireClaims({ claims }: Vouched, { requireClaims: needed, name, title = name }: ProviderSettings) {
  for (const [claim, values] of Object.entries(needed)) {
    const given = [claims[claim]].flat();
    if (given.some((each) => typeof each === 'string' && values.includes(each))) continue;
    throw new GatehouseError(
      'forbidden',
      `Your account at ${title} may not sign in here, because of its claim ${claim}: use another account, or ask an administrator.`,
    );
  }
}

/** A provider need not send the time of the sign-in. */
function authTimeOf({ claims: { auth_time: time } }: Vouched, now: number): number {
  return typeof time === 'number' ? Math.min(time * 1000, now) : now;
}

function hintIn({ idToken }: Vouched): string | undefined {
  return idToken.length > MOST_OF_ID_TOKEN ? undefined : idToken;
}

/** For people, so that they recognise their account there. */
function labelIn({
  preferred_username: name,
  email,
}: Vouched['claims'] | Record<string, unknown>): string | null {
  const label = [email, name].find((each) => typeof each === 'string' && each !== '');
  return label === undefined ? null : String(label).slice(0, LABEL_LENGTH);
}

function incomplete(): GatehouseError {
  return new GatehouseError(
    'sign_in_incomplete',
    'The sign-in began in another browser, took too long, or was already finished: sign in again.',
  );
}

function otherSession(): GatehouseError {
  return new GatehouseError(
    'sign_in_incomplete',
    'You signed out or signed in again in the meantime, so nothing was linked: open your account and try again.',
  );
}

function disabled(): GatehouseError {
  return new GatehouseError('forbidden', 'Your account here is disabled: ask an administrator.');
}

function notLinked(title: string): GatehouseError {
  return new GatehouseError(
    'account_not_linked',
    `No account here is linked with your account at ${title}. Sign in with your password or passkey, then link it on your account page.`,
  );
}

function nameTaken(name: string): GatehouseError {
  return new GatehouseError(
    'account_not_linked',
    `An account with the name ${name} already exists here. If it is yours, sign in with its password or passkey, then link it on your account page.`,
  );
}
