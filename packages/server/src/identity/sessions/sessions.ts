// Sessions of people in browsers: begins, finds, lists and ends them. The id in the cookie is random and is
// stored only as a hash. Every sign-in makes a new id, so an id that an attacker set before is useless
// (session fixation). A session is void when its user is disabled or removed, or gets another password.
import type { Clock, UserFacts } from '@gatehouse/access';
import { cookieValue, GatehouseError, sessionIdOf } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Call } from '../../platform/http/route.ts';
import type { Sealing } from '../../platform/keys/row-sealing.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { Authentication } from '../sign-in/authentication.ts';
import type { SessionStore, SignInsThrough } from '../store/session-queries.ts';
import type { SignInThrough, StoredSession, ThroughProvider } from '../store/session-rows.ts';
import type { LastSeen } from './last-seen.ts';
import { newSecret, SESSION_COOKIE, sessionCookie } from './session-cookie.ts';
import { ENDS_SESSIONS } from './session-sections.ts';

export type Session = StoredSession;

/** The authentication of a user. */
export interface Proof {
  user: string;
  /** The epoch of the user at that time. */
  tokenEpoch: number;
  /** Authentication Method References (RFC 8176). */
  amr: readonly string[];
  /** The time of the authentication; default: now. */
  authTime?: number;
  /** The sign-in at another provider that is the proof. */
  through?: SignInThrough | undefined;
  /** The id of the passkey that is the proof. */
  passkey?: string | undefined;
  /** Whether the authentication is the same as in the session that this one replaces. */
  isOld?: boolean;
}

/** A session that has just begun. */
export interface Begun {
  session: Session;
  /** The field Set-Cookie. Only this field has the secret. */
  cookie: string;
}

/** The facts about the browser. */
type Caller = Pick<Call, 'header' | 'address' | 'requestId'>;

export interface Sessions {
  /** The session of the cookie; undefined if there is none, or if it has ended. */
  of(call: Pick<Call, 'header'>): Session | undefined;
  /** The session at the control listener with this id, if it has not ended. */
  find(id: string): Session | undefined;
  /** The ID token of the sign-in at another provider that this session came from, if there is one. */
  idTokenOf(id: string): Promise<string | undefined>;
  /**
   * For the transaction of an act that gives the person of this session a new way to sign in: the session may
   * have ended since the request came, also because the user was removed. Throws `unauthenticated`.
   */
  requireOpen(tx: Tx, session: Pick<Session, 'id'>): Promise<void>;
  /**
   * Begins a session at the control listener. It replaces the session of this browser. Sessions of the
   * gateway that came from the old one continue if they have the same user.
   */
  begin(proof: Proof, call: Caller): Promise<Begun>;
  /**
   * Begins a session at `host` of the gateway that ends with `parent`. `id` is from `sessionIdOf`. Throws
   * `unauthenticated` if `parent` has ended.
   */
  beginAt(
    host: string,
    parent: Session,
    call: Pick<Call, 'address' | 'requestId'> & { id: string },
  ): Promise<Session>;
  /** The sessions that have not ended, the newest first. */
  list(): Promise<Session[]>;
  listOf(user: string): Promise<Session[]>;
  /**
   * Ends it, and the sessions that came from it. Throws `not_found`. With `user`, only if it belongs to that
   * user.
   */
  end(id: string, actor: Actor, user?: string): Promise<void>;
  /** Ends every session of the user, except `except` and the sessions that came from it. Returns how many. */
  endAllOf(user: string, actor: Actor, except?: string): Promise<number>;
  /** Ends the sessions that came from these sign-ins at a provider, except `except`. Returns how many. */
  endThrough(
    tx: Tx,
    from: SignInsThrough,
    by: { actor: Actor; except?: string | undefined },
  ): Promise<number>;
  /**
   * Ends the sessions of the user for which `isOver` is true, and those that came from them. Returns how
   * many.
   */
  endWhere(tx: Tx, user: string, isOver: (session: Session) => boolean, actor: Actor): Promise<number>;
  /** Notes that the gateway accepted these sessions. */
  used(ids: readonly string[]): void;
}

export interface SessionsDeps {
  database: Database;
  store: SessionStore;
  events: Events;
  clock: Clock;
  /** The sessions of the control listener, by id. */
  entries: ReadonlyMap<string, Session>;
  /** By name. */
  userFacts: ReadonlyMap<string, UserFacts>;
  authentication: Pick<Authentication, 'complete'>;
  lastSeen: LastSeen;
  /** For ID tokens. */
  sealing: Sealing;
  settings: { sessionLifetime: number };
}

const USER_AGENT_LENGTH = 256;
/** Beyond this limit, the oldest sessions end, so that repeated sign-ins cannot fill the store. */
const MOST_OF_USER = 100;

export function createSessions(deps: SessionsDeps): Sessions {
  const { database, store, events, clock, entries, userFacts, lastSeen, sealing, settings } = deps;

  function isInForce(session: Session): boolean {
    const user = userFacts.get(session.user);
    if (!user || user.disabled || user.tokenEpoch !== session.tokenEpoch) return false;
    return session.expiresAt > clock.now() && !lastSeen.isIdle(session);
  }

  function of(call: Pick<Call, 'header'>): Session | undefined {
    const secret = cookieValue(call.header('cookie') ?? '', SESSION_COOKIE);
    const session = secret === undefined ? undefined : entries.get(sessionIdOf(secret));
    if (!session || !isInForce(session)) return undefined;
    lastSeen.note(session.id);
    return session;
  }

  function newSession(
    from: Pick<
      Session,
      'id' | 'user' | 'host' | 'parent' | 'amr' | 'authTime' | 'tokenEpoch' | 'through' | 'passkey'
    >,
  ): Omit<Session, 'address' | 'userAgent'> {
    const now = clock.now();
    return { ...from, createdAt: now, lastSeenAt: now, expiresAt: now + settings.sessionLifetime * 1000 };
  }

  async function insert(tx: Tx, session: Session, requestId: string): Promise<void> {
    await store.insertSession(tx, session);
    const { id, user, host, amr, address } = session;
    const actor: Actor = { kind: 'user', name: user, address };
    const data = { id, amr, ...(host !== null && { host }), requestId };
    await events.publish(tx, sessionEvent('session_begun', actor, user, data));
    const all = await store.sessions(tx, user);
    for (const oldest of all.slice(MOST_OF_USER)) await remove(tx, oldest, actor);
  }

  async function remove(tx: Tx, session: Session, actor: Actor): Promise<void> {
    const ids = await store.deleteSession(tx, session.id);
    await events.publish(tx, sessionEvent('session_ended', actor, session.user, { ids }));
  }

  async function endWhere(tx: Tx, user: string, isOver: (session: Session) => boolean, actor: Actor) {
    const ids = new Set<string>();
    for (const { id } of (await store.sessions(tx, user)).filter(isOver)) {
      for (const ended of await store.deleteSession(tx, id)) ids.add(ended);
    }
    if (ids.size === 0) return 0;
    await events.publish(tx, sessionEvent('session_ended', actor, user, { ids: [...ids] }));
    return ids.size;
  }

  async function signedIn(tx: Tx, session: Session, { requestId }: Caller): Promise<void> {
    const { user, amr, address, through, passkey } = session;
    await deps.authentication.complete(tx, user, { address, requestId });
    const actor: Actor = { kind: 'user', name: user, address };
    const data = {
      amr,
      requestId,
      ...(passkey !== undefined && { passkey }),
      ...(through && { provider: through.provider, sub: through.subject }),
    };
    await events.publish(tx, sessionEvent('sign_in', actor, user, data));
  }

  async function requireOpen(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
    if (await store.session(tx, id)) return;
    throw new GatehouseError('unauthenticated', 'Your session has ended: sign in again.');
  }

  async function replace(tx: Tx, before: Session, { id, user, address }: Session): Promise<void> {
    const actor: Actor = { kind: 'user', name: before.user, address };
    if (before.user !== user) return remove(tx, before, actor);
    await store.replaceSession(tx, before.id, id);
    await events.publish(
      tx,
      sessionEvent('session_ended', actor, user, { ids: [before.id], replacedBy: id }),
    );
  }

  async function list(user?: string): Promise<Session[]> {
    const all = await store.sessions(database.read, user);
    return all.map(lastSeen.applied).filter(isInForce);
  }

  return {
    of,
    requireOpen,
    find(id) {
      const session = entries.get(id);
      return session && isInForce(session) ? session : undefined;
    },
    async idTokenOf(id) {
      const sealed = await store.idToken(database.read, id);
      try {
        return sealed && String(sealing.open(sealed, id));
      } catch {
        // The ID token was sealed under another master key. The sign-out also works without it.
        return undefined;
      }
    },
    async begin({ user, tokenEpoch, amr, authTime, through, passkey, isOld }, call) {
      const secret = newSecret();
      const at = authTime ?? clock.now();
      const proved = {
        user,
        tokenEpoch,
        amr: [...amr],
        authTime: at,
        ...(through && { through: throughOf(through) }),
        ...(passkey !== undefined && { passkey }),
      };
      const session = {
        ...newSession({ id: sessionIdOf(secret), host: null, parent: null, ...proved }),
        address: call.address,
        userAgent: (call.header('user-agent') ?? '').slice(0, USER_AGENT_LENGTH),
      };
      const before = of(call);
      await database.write(async (tx) => {
        if (before) await replace(tx, before, session);
        await insert(tx, session, call.requestId);
        if (through?.idToken !== undefined) {
          await store.putIdToken(tx, session.id, sealing.seal(through.idToken, session.id));
        }
        if (!isOld) await signedIn(tx, session, call);
      });
      return { session, cookie: sessionCookie(secret) };
    },
    async beginAt(host, parent, { id, address, requestId }) {
      const { user, amr, authTime, tokenEpoch, passkey, expiresAt, userAgent } = parent;
      const made = newSession({ id, user, host, parent: parent.id, amr, authTime, tokenEpoch, passkey });
      const session = { ...made, expiresAt: Math.min(made.expiresAt, expiresAt), address, userAgent };
      await database.write(async (tx) => {
        // Otherwise a session that begins during a sign-out would go on after it.
        await requireOpen(tx, parent);
        await insert(tx, session, requestId);
      });
      return session;
    },
    list: () => list(),
    listOf: list,
    async end(id, actor, user) {
      await database.write(async (tx) => {
        const session = await store.session(tx, id);
        if (!session || (user !== undefined && session.user !== user)) throw unknownSession(id);
        await remove(tx, session, actor);
      });
    },
    endAllOf: (user, actor, except) =>
      database.write((tx) => {
        const isOver = ({ id, parent }: Session) =>
          except === undefined || (id !== except && parent !== except);
        return endWhere(tx, user, isOver, actor);
      }),
    endWhere,
    async endThrough(tx, from, { actor, except }) {
      const all = await store.sessionsThrough(tx, from);
      const over = all.filter(({ id }) => id !== except);
      for (const session of over) await remove(tx, session, actor);
      return over.length;
    },
    used(ids) {
      for (const id of ids) lastSeen.note(id);
    },
  };
}

/** Deletes the sessions of a user who is removed or disabled, or gets another password. */
export function endWithUser(events: Events, store: SessionStore): void {
  events.subscribe(async (tx, { type, subject }) => {
    if (subject !== null && ENDS_SESSIONS.test(type)) await store.deleteSessionsOf(tx, subject);
  });
}

/** The ID token is stored separately, so that no copy in memory has it. */
function throughOf({ provider, subject, sid }: SignInThrough): ThroughProvider {
  return { provider, subject, sid };
}

function unknownSession(id: string): GatehouseError {
  return new GatehouseError('not_found', `There is no session ${id}: see 'gatehouse session list'.`);
}

function sessionEvent(fact: string, actor: Actor, user: string, data: DomainEvent['data']): DomainEvent {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: user, data };
}
