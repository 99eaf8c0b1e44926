// Passkeys (WebAuthn Level 3): adds them for users, and signs users in with them, without a user name. Each
// challenge is valid for a few minutes, and for one answer from our own origin. The authenticator must have
// verified its user. If a counter goes back, someone has a copy of the key (§6.1.1), so the sign-in is
// refused.
import { randomBytes } from 'node:crypto';
import type { Clock, UserFacts } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Call } from '../../platform/http/route.ts';
import type { RefusalCounter } from '../../platform/ledger/refusal-counter.ts';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import type { Log } from '../../platform/log/log.ts';
import type { ShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';
import type { Database } from '../../platform/store/database.ts';
import type { Proof, Session, Sessions } from '../sessions/sessions.ts';
import type { Passkey, PasskeyStore } from '../store/passkey-queries.ts';

export type { Passkey } from '../store/passkey-queries.ts';

export interface Passkeys {
  listOf(user: string): Promise<Passkey[]>;
  /** The options with which the browser makes a passkey for the user. */
  creationOptions(user: string): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /**
   * For the user of the session. Throws `unprocessable` for an answer that does not verify, `conflict` for
   * too many passkeys, and `unauthenticated` if the session has ended meanwhile.
   */
  add(
    session: Pick<Session, 'id' | 'user'>,
    made: { name: string; response: RegistrationResponseJSON },
    actor: Actor,
  ): Promise<void>;
  /** Throws `not_found`. */
  rename(passkey: Pick<Passkey, 'id' | 'user' | 'name'>, actor: Actor): Promise<void>;
  /**
   * Also ends the sessions that began with it, except `session`, the one that removes it. Throws `not_found`.
   */
  remove(passkey: Pick<Passkey, 'id' | 'user'>, actor: Actor, session?: string): Promise<void>;
  /** The options with which the browser at this address signs a person in. */
  requestOptions(address: string): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** Throws `credential_invalid`. */
  signIn(response: AuthenticationResponseJSON, call: Caller): Promise<Proof>;
}

/** A challenge that waits for its answer; for a new passkey, with its user. */
export type Challenge = { user: string; userHandle: string } | { user: null };

export interface PasskeyDeps {
  database: Database;
  store: PasskeyStore;
  refusals: Pick<RefusalCounter, 'count'>;
  log: Log;
  events: Events;
  clock: Clock;
  /** By name. */
  userFacts: ReadonlyMap<string, UserFacts>;
  challenges: ShortLivedStore<Challenge>;
  sessions: Pick<Sessions, 'requireOpen'>;
  /** The URL of the control listener. Passkeys are bound to its host name. */
  origin: string;
}

const CHALLENGE_SECONDS = 300;
const CHALLENGE_OCTETS = 32;
const USER_HANDLE_OCTETS = 32;
const MAX_PASSKEYS = 20;
const TIMEOUT_MS = CHALLENGE_SECONDS * 1000;
/** ES256, EdDSA and RS256 (RFC 9053 §2). */
const ALGORITHMS = [-7, -8, -257];

export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const { database, store, events, clock, refusals, log, challenges, origin } = deps;
  const rpID = new URL(origin).hostname;

  async function newChallenge(challenge: Challenge, owner: string): Promise<Uint8Array<ArrayBuffer>> {
    const octets = new Uint8Array(randomBytes(CHALLENGE_OCTETS));
    const id = Buffer.from(octets).toString('base64url');
    await challenges.put(id, challenge, { owner, lifetimeSeconds: CHALLENGE_SECONDS });
    return octets;
  }

  async function publish(
    fact: string,
    actor: Actor,
    { id, user, session }: Pick<Passkey, 'id' | 'user'> & { session?: string | undefined },
    act: Act,
  ): Promise<void> {
    await database.write(async (tx) => {
      if (!(await act(tx))) throw unknownPasskey();
      const data = { passkey: id, ...(session !== undefined && { session }) };
      await events.publish(tx, { type: `identity.${fact}`, actor, outcome: 'success', subject: user, data });
    });
  }

  type Act = (tx: Parameters<Parameters<Database['write']>[0]>[0]) => Promise<boolean>;

  /** Anyone can send requests here, so equal refusals share one entry of the ledger. */
  function refuse(reason: string, user: string | null, { address, requestId }: Caller): GatehouseError {
    log.event('identity.passkey_refused', { reason, user, address, requestId });
    refusals.count({ type: 'identity.passkey_refused', subject: user, address });
    return refused();
  }

  async function verify(passkey: Passkey, response: AuthenticationResponseJSON) {
    const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
    const { id, publicKey, counter, userHandle } = passkey;
    if (response.response.userHandle !== undefined && response.response.userHandle !== userHandle) {
      throw new Error('the passkey belongs to another user');
    }
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: async (sent) => (await challenges.take(sent))?.user === null,
      expectedOrigin: origin,
      expectedRPID: rpID,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
      requireUserVerification: true,
    });
    if (!verified) throw new Error('the signature is wrong');
    return authenticationInfo;
  }

  return {
    listOf: (user) => store.passkeysOf(database.read, user),
    async creationOptions(user) {
      const { generateRegistrationOptions } = await import('@simplewebauthn/server');
      const known = await store.passkeysOf(database.read, user);
      const userHandle = known[0]?.userHandle ?? randomBytes(USER_HANDLE_OCTETS).toString('base64url');
      return generateRegistrationOptions({
        rpName: 'Gatehouse',
        rpID,
        userName: user,
        userDisplayName: user,
        userID: new Uint8Array(Buffer.from(userHandle, 'base64url')),
        challenge: await newChallenge({ user, userHandle }, user),
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: known.map(({ id, transports }) => ({ id, transports })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
    },
    async add(session, { name, response }, actor) {
      const { user } = session;
      const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
      let challenge: Challenge | undefined;
      const verified = await verifyRegistrationResponse({
        response,
        async expectedChallenge(sent) {
          challenge = await challenges.take(sent);
          return challenge?.user === user;
        },
        expectedOrigin: origin,
        expectedRPID: rpID,
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch((error: Error) => {
        throw new GatehouseError('unprocessable', notVerified(error), { cause: error });
      });
      if (!verified.verified || !challenge || challenge.user === null) throw new TypeError('not verified');
      const { credential, credentialBackedUp } = verified.registrationInfo;
      const passkey: Passkey = {
        id: credential.id,
        user,
        userHandle: challenge.userHandle,
        name,
        publicKey: credential.publicKey,
        counter: credential.counter,
        transports: credential.transports ?? [],
        isBackedUp: credentialBackedUp,
        createdAt: clock.now(),
        lastUsedAt: null,
      };
      await publish('passkey_added', actor, passkey, async (tx) => {
        await deps.sessions.requireOpen(tx, session);
        if ((await store.passkeysOf(tx, user)).length >= MAX_PASSKEYS) throw tooMany();
        await store.insertPasskey(tx, passkey);
        return true;
      });
    },
    rename: (passkey, actor) =>
      publish('passkey_renamed', actor, passkey, (tx) => store.renamePasskey(tx, passkey)),
    remove: (passkey, actor, session) =>
      publish('passkey_removed', actor, { ...passkey, session }, (tx) => store.deletePasskey(tx, passkey)),
    async requestOptions(address) {
      const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
      return generateAuthenticationOptions({
        rpID,
        challenge: await newChallenge({ user: null }, addressShareOf(address)),
        timeout: TIMEOUT_MS,
        userVerification: 'required',
      });
    },
    async signIn(response, call) {
      const passkey = await store.passkey(database.read, response.id);
      const user = passkey && deps.userFacts.get(passkey.user);
      if (!passkey || !user) throw refuse('it is not known', null, call);
      if (user.disabled) throw refuse('the user is disabled', passkey.user, call);
      const info = await verify(passkey, response).catch((error: Error) => {
        throw refuse(error.message, passkey.user, call);
      });
      const { newCounter: counter, credentialBackedUp: isBackedUp } = info;
      const isUsed = await database.write((tx) =>
        store.usePasskey(tx, passkey, { counter, isBackedUp, at: clock.now() }),
      );
      if (!isUsed) throw refuse('another sign-in used it at the same time', passkey.user, call);
      const { id, user: name } = passkey;
      return { user: name, tokenEpoch: user.tokenEpoch, amr: methodsOf(isBackedUp), passkey: id };
    },
  };
}

type Caller = Pick<Call, 'address' | 'requestId'>;

/**
 * A key that is on several devices is a software key (RFC 8176 §2). Both are bound to our origin, which `phr`
 * says (OpenID Connect EAP ACR Values §2).
 */
function methodsOf(isBackedUp: boolean): string[] {
  return [isBackedUp ? 'swk' : 'hwk', 'user', 'mfa', 'phr'];
}

function notVerified({ message }: Error): string {
  return `The passkey could not be added (${message}): try again.`;
}

function refused(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'The passkey was not accepted: try again, or sign in with your password.',
  );
}

function unknownPasskey(): GatehouseError {
  return new GatehouseError('not_found', 'There is no such passkey: open your account again.');
}

function tooMany(): GatehouseError {
  return new GatehouseError(
    'conflict',
    `You have ${MAX_PASSKEYS} passkeys, which is the limit: first remove one.`,
  );
}

/** Deletes the passkeys of a user who is removed. */
export function endPasskeysWithUser(events: Events, store: PasskeyStore): void {
  events.subscribe(async (tx, { type, subject }) => {
    if (type === 'identity.user_removed' && subject !== null) await store.deletePasskeysOf(tx, subject);
  });
}
