// Sign-ins that give tokens: a short access token, and a refresh token that is replaced at each use (RFC 9700
// §4.14.2). A refresh token that comes a second time ends the sign-in, and with it every token that came from
// it.
import { hash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { RepeatedEvents } from '../../platform/ledger/repeated-events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { IssuedToken, TokenIssuer, TokenNames } from '../access-token.ts';
import type { IdentityStore, StoredSignIn, UserInGroups } from '../store/store.ts';
import type { Users } from '../users/users.ts';
import type { Authenticated, Authentication, SignInClient } from './authentication.ts';

export interface Tokens extends IssuedToken {
  refreshToken: string;
  /** How long the refresh token stays valid without use. */
  refreshExpiresInSeconds: number;
}

export interface SignIns {
  /** Begins a sign-in of an authenticated person. */
  begin(authenticated: Authenticated, client: SignInClient): Promise<Tokens>;
  /** Throws `credential_invalid`, and ends the sign-in if the token was used before. */
  refresh(refreshToken: string, client: SignInClient): Promise<Tokens>;
  /** Ends the sign-in with this id: its access tokens are void everywhere when this resolves. */
  end(id: string, actor: Actor): Promise<void>;
  /** Ends those of the user for which `isOver` is true. */
  endWhere(tx: Tx, user: string, isOver: (signIn: StoredSignIn) => boolean, actor: Actor): Promise<void>;
  /** Deletes sign-ins that cannot give more tokens. */
  prune(): Promise<void>;
}

export interface SignInSettings {
  accessSeconds: number;
  /** How long a refresh token may be unused. */
  idleSeconds: number;
  /** The maximum time in which a sign-in gives tokens. */
  lifetimeSeconds: number;
}

export interface SignInsDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  users: Pick<Users, 'find'>;
  tokens: TokenIssuer;
  names: TokenNames;
  authentication: Pick<Authentication, 'complete'>;
  repeated: Pick<RepeatedEvents, 'record'>;
  clock: Clock;
  randomBytes: (length: number) => Uint8Array;
}

const PREFIX = 'ghr_';
const HANDLE_BYTES = 16;
const SECRET_BYTES = 32;
const FORM = /^ghr_([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})$/;
/** The maximum for one user. Beyond it, the sign-in that was idle for the longest time ends. */
const MOST_OF_USER = 100;

type Outcome = { tokens: Tokens } | { refusal: string };

export function createSignIns(deps: SignInsDeps, settings: SignInSettings): SignIns {
  const { database, store, events, clock } = deps;
  const random = (length: number) => Buffer.from(deps.randomBytes(length)).toString('base64url');

  function issueFor(user: UserInGroups, { id, amr, authTime }: StoredSignIn): Promise<IssuedToken> {
    const { name, effectiveRoles: roles, tokenEpoch: epoch } = user;
    return deps.tokens.issue({ name, roles, amr, epoch, authTime, sessionId: id }, deps.names);
  }

  function tokensOf(issued: IssuedToken, { handle, expiresAt }: StoredSignIn, secret: string): Tokens {
    const left = Math.floor((expiresAt - clock.now()) / 1000);
    return {
      ...issued,
      refreshToken: `${PREFIX}${handle}${secret}`,
      refreshExpiresInSeconds: Math.min(settings.idleSeconds, left),
    };
  }

  async function end(tx: Tx, { id, user }: StoredSignIn, { actor, reason }: End): Promise<void> {
    if (!(await store.endSignIn(tx, id, clock.now()))) return;
    const data = { sid: id, reason };
    await events.publish(tx, {
      type: 'identity.sign_in_ended',
      actor,
      outcome: reason === 'reuse' ? 'failure' : 'success',
      subject: user,
      data,
    });
  }

  function refused(subject: string | null, { address, requestId }: SignInClient): Promise<void> {
    return deps.repeated.record({
      type: 'identity.refresh_refused',
      actor: { kind: 'anonymous', name: 'anonymous', address },
      outcome: 'failure',
      subject,
      data: { requestId },
    });
  }

  async function endOldest(tx: Tx, user: string, actor: Actor): Promise<void> {
    const open = await store.signInsOf(tx, user);
    for (const old of open.slice(MOST_OF_USER)) await end(tx, old, { actor, reason: 'limit' });
  }

  /** Why the sign-in gives no more tokens; undefined if it gives tokens. */
  function flawOf(signIn: StoredSignIn, user: UserInGroups | undefined): string | undefined {
    const now = clock.now();
    if (signIn.endedAt !== null) return 'The sign-in has ended';
    if (!user || user.disabled || user.tokenEpoch !== signIn.tokenEpoch) return 'The sign-in was revoked';
    const isOver = now >= signIn.expiresAt || now >= signIn.usedAt + settings.idleSeconds * 1000;
    return isOver ? 'The sign-in has expired' : undefined;
  }

  async function rotate(found: StoredSignIn, secret: string, client: SignInClient): Promise<Outcome> {
    const user = await deps.users.find(found.user);
    const issued = user && (await issueFor(user, found));
    const next = random(SECRET_BYTES);
    return database.write(async (tx): Promise<Outcome> => {
      const signIn = await store.signIn(tx, found.id);
      const flaw = signIn ? flawOf(signIn, user) : 'The sign-in has ended';
      if (!signIn || !issued || flaw !== undefined) return { refusal: flaw ?? 'The sign-in has ended' };
      if (!matches(secret, signIn.secretHash)) {
        const actor: Actor = { kind: 'anonymous', name: 'anonymous', address: client.address };
        await end(tx, signIn, { actor, reason: 'reuse' });
        return { refusal: 'The refresh token was used before, so the sign-in has ended' };
      }
      const now = clock.now();
      const rotated = {
        ...signIn,
        secretHash: hashOf(next),
        usedAt: now,
        accessEndsAt: now + issued.expiresInSeconds * 1000,
      };
      await store.refreshSignIn(tx, rotated);
      await events.publish(tx, {
        type: 'identity.token_refreshed',
        actor: { kind: 'user', name: signIn.user, address: client.address },
        outcome: 'success',
        subject: signIn.user,
        data: { jti: issued.jti, sid: signIn.id, requestId: client.requestId },
      });
      return { tokens: tokensOf(issued, rotated, next) };
    });
  }

  return {
    async begin({ user, amr, authTime }, client) {
      const secret = random(SECRET_BYTES);
      const now = clock.now();
      const signIn: StoredSignIn = {
        id: randomUUID(),
        user: user.name,
        handle: random(HANDLE_BYTES),
        secretHash: hashOf(secret),
        tokenEpoch: user.tokenEpoch,
        amr,
        authTime,
        createdAt: now,
        usedAt: now,
        expiresAt: now + settings.lifetimeSeconds * 1000,
        accessEndsAt: now + settings.accessSeconds * 1000,
        endedAt: null,
      };
      const issued = await issueFor(user, signIn);
      const actor: Actor = { kind: 'user', name: user.name, address: client.address };
      await database.write(async (tx) => {
        await store.insertSignIn(tx, signIn);
        await deps.authentication.complete(tx, user.name, client);
        await endOldest(tx, user.name, actor);
        const data = { jti: issued.jti, sid: signIn.id, amr, requestId: client.requestId };
        const event = { actor, outcome: 'success', subject: user.name, data } as const;
        await events.publish(tx, { type: 'identity.sign_in', ...event });
      });
      return tokensOf(issued, signIn, secret);
    },

    async refresh(refreshToken, client) {
      const [, handle = '', secret = ''] = FORM.exec(refreshToken) ?? [];
      const found = handle === '' ? undefined : await store.signInWithHandle(database.read, handle);
      const outcome: Outcome = found
        ? await rotate(found, secret, client)
        : { refusal: 'The refresh token is unknown' };
      if ('tokens' in outcome) return outcome.tokens;
      await refused(found?.user ?? null, client);
      throw new GatehouseError('credential_invalid', `${outcome.refusal}: sign in again.`);
    },

    async end(id, actor) {
      await database.write(async (tx) => {
        const signIn = await store.signIn(tx, id);
        if (signIn) await end(tx, signIn, { actor, reason: 'logout' });
      });
    },

    async endWhere(tx, user, isOver, actor) {
      const over = (await store.signInsOf(tx, user)).filter(isOver);
      for (const signIn of over) await end(tx, signIn, { actor, reason: 'factor' });
    },

    async prune() {
      const now = clock.now();
      const idleSince = now - settings.idleSeconds * 1000;
      await database.write((tx) => store.pruneSignIns(tx, { now, idleSince }));
    },
  };
}

interface End {
  actor: Actor;
  reason: 'logout' | 'reuse' | 'limit' | 'factor';
}

function hashOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

function matches(secret: string, secretHash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(secretHash));
}
