// The clients of an encrypted endpoint that have sent their key, and the tokens that each has used. An offer
// is accepted once: a second key for it is refused, also after the session of the first has ended. Everything
// has a limit, also for each address, so that no address can use up all. If there are too many sessions, the
// address with the most loses one. If the clock is set back, expired offers and tokens still count as used,
// all earlier offers end, and sessions live as if they were used now.
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';
import { createQueue, type Queue } from './queue.ts';

/** A client's answer to an offer. */
export interface Agreement {
  readonly clientId: string;
  /** The client's X25519 key, 32 bytes. */
  readonly publicKey: Bytes;
  /** When the offer ends, in milliseconds since the epoch. */
  readonly offerEndsAt: number;
  /** The client's address or network. */
  readonly address: string;
  /** The caller, if callers are known. Other callers cannot use the session. */
  readonly owner: string;
}

/** A token that was decrypted. */
export interface UsedToken {
  readonly clientId: string;
  readonly owner: string;
  /** Seconds since the epoch, as in the token. */
  readonly time: number;
  /** 48 bits of its MAC. */
  readonly id: number;
  /** Whether it is our own answer, which does not count for the order of the client's tokens. */
  readonly isAnswer?: boolean;
}

/** `repeated`: the same key as before. `taken`: there was another key. `full`: a limit is reached. */
export type AgreementOutcome = 'agreed' | 'repeated' | 'taken' | 'full';

/**
 * `again`: it was used. `late`: a newer one was used, and `inOrder` is set. `unknown`: this owner has no such
 * session.
 */
export type TokenOutcome = 'first' | 'again' | 'late' | 'unknown' | 'full';

/** The sessions of an endpoint. They may be in another place. */
export interface EncryptedSessions {
  agree(agreement: Agreement): MaybePromise<AgreementOutcome>;
  /** The client's key, if there is a session. */
  publicKeyOf(clientId: string): MaybePromise<Bytes | undefined>;
  /** Marks the token as used, and extends the session. */
  use(token: UsedToken): MaybePromise<TokenOutcome>;
}

/** The limits of sessions. */
export interface SessionLimits {
  /** How long a session lives after its last token; 600 by default. */
  sessionSeconds?: number;
  /** How far the time of a token may differ from now; 60 by default. */
  tokenSeconds?: number;
  /** Refuses a token that is older than the newest of its session; false by default. */
  inOrder?: boolean;
  /** How many sessions are stored; 10,000 by default. */
  maxSessions?: number;
  /** How many keys are accepted in the lifetime of an offer; 200,000 by default. */
  maxExchanges?: number;
  /** The same of one address; half of `maxExchanges` by default. */
  maxExchangesPerAddress?: number;
  /** How many used tokens are remembered; 1,000,000 by default. One session may have a quarter. */
  maxTokens?: number;
}

interface Session {
  readonly publicKey: Bytes;
  readonly address: string;
  readonly owner: string;
  usedAt: number;
  /** When it was moved to the end of its queues. */
  movedAt: number;
  newest: number;
  /** The used tokens, by their second. Undefined before the first. */
  tokens: Map<number, Set<number>> | undefined;
  tokenCount: number;
  /** The latest second whose tokens are forgotten. */
  forgotten: number;
}

const SHARE_OF_ONE_SESSION = 1 / 4;
// Moving an entry of a map costs more than the rest of a use.
const MOVES_IN_A_LIFE = 20;
// The code that checked the age of the token may have read the clock a little earlier.
const MARGIN_SECONDS = 5;

/**
 * Sessions in memory.
 * @example
 * const sessions = createEncryptedSessions(Date.now, { maxSessions: 100 });
 * const endpoint = createEncryptedEndpoint({ sessions });
 */
export function createEncryptedSessions(
  clock: () => number,
  limits: SessionLimits = {},
): EncryptedSessions & { readonly size: number } {
  const { sessionSeconds = 600, tokenSeconds = 60, inOrder = false, maxSessions = 10_000 } = limits;
  const { maxExchanges = 200_000, maxTokens = 1_000_000 } = limits;
  const { maxExchangesPerAddress = maxExchanges / 2 } = limits;
  // Moves a used session to the end of both queues, from time to time.
  const moveAfterMs = (sessionSeconds * 1000) / MOVES_IN_A_LIFE;
  const sessions = createQueue<string, Session>();
  const byAddress = new Map<string, Queue<string, Session>>();
  const taken = createTakenOffers({ maxExchanges, maxExchangesPerAddress });
  let tokenCount = 0;
  let latest = Number.NEGATIVE_INFINITY;

  /** The current time. If the clock was set back, sessions from the future would live too long. */
  function readClock(): number {
    const now = clock();
    if (now < latest - tokenSeconds * 1000) {
      taken.forgetAll();
      for (const session of sessions.values()) {
        session.usedAt = Math.min(session.usedAt, now);
        session.movedAt = Math.min(session.movedAt, now);
      }
      latest = now;
    }
    latest = Math.max(latest, now);
    return now;
  }

  function find(clientId: string, now: number): Session | undefined {
    const session = sessions.get(clientId);
    if (session && session.usedAt + sessionSeconds * 1000 > now) return session;
    if (session) remove(clientId, session);
    return undefined;
  }

  function add(clientId: string, session: Session): void {
    sessions.put(clientId, session);
    const own = byAddress.get(session.address) ?? createQueue();
    byAddress.set(session.address, own);
    own.put(clientId, session);
  }

  function detach(clientId: string, { address }: Session): void {
    sessions.delete(clientId);
    const own = byAddress.get(address);
    own?.delete(clientId);
    if (own?.size === 0) byAddress.delete(address);
  }

  function remove(clientId: string, session: Session): void {
    detach(clientId, session);
    tokenCount -= session.tokenCount;
  }

  function removeEnded(now: number): void {
    for (let oldest = sessions.oldest(); oldest; oldest = sessions.oldest()) {
      const [clientId, session] = oldest;
      if (session.usedAt + sessionSeconds * 1000 > now) return;
      remove(clientId, session);
    }
  }

  /** The least recently used session of the address with the most sessions. */
  function removeOne(): void {
    let most: Queue<string, Session> | undefined;
    for (const own of byAddress.values()) if (own.size > (most?.size ?? 0)) most = own;
    const oldest = most?.oldest();
    if (oldest) remove(...oldest);
  }

  function forgetTokens(session: Session, now: number): void {
    const oldest = Math.floor(now / 1000) - tokenSeconds - MARGIN_SECONDS;
    for (const [second, ids] of session.tokens ?? []) {
      if (second >= oldest) continue;
      session.tokens?.delete(second);
      session.forgotten = Math.max(session.forgotten, second);
      session.tokenCount -= ids.size;
      tokenCount -= ids.size;
    }
  }

  return {
    get size() {
      return sessions.size;
    },
    agree({ clientId, publicKey, offerEndsAt, address, owner }) {
      const now = readClock();
      const before = find(clientId, now);
      if (before?.owner === owner && isSame(before.publicKey, publicKey)) return 'repeated';
      taken.forgetEnded(now);
      if (before || taken.has(clientId, offerEndsAt)) return 'taken';
      if (!taken.add(clientId, { endsAt: offerEndsAt, address })) return 'full';
      removeEnded(now);
      while (sessions.size >= maxSessions) removeOne();
      add(clientId, {
        publicKey,
        address,
        owner,
        usedAt: now,
        movedAt: now,
        newest: 0,
        tokens: undefined,
        tokenCount: 0,
        forgotten: Number.NEGATIVE_INFINITY,
      });
      return 'agreed';
    },
    publicKeyOf: (clientId) => find(clientId, readClock())?.publicKey,
    use({ clientId, owner, time, id, isAnswer = false }) {
      const now = readClock();
      const session = find(clientId, now);
      if (session?.owner !== owner) return 'unknown';
      if (inOrder && !isAnswer && time < session.newest) return 'late';
      forgetTokens(session, now);
      session.tokens ??= new Map();
      const used = session.tokens.get(time);
      if (used?.has(id) || time <= session.forgotten) return 'again';
      if (tokenCount >= maxTokens || session.tokenCount >= maxTokens * SHARE_OF_ONE_SESSION) return 'full';
      if (used) used.add(id);
      else session.tokens.set(time, new Set([id]));
      session.tokenCount += 1;
      tokenCount += 1;
      if (!isAnswer) session.newest = Math.max(session.newest, time);
      session.usedAt = now;
      if (now - session.movedAt >= moveAfterMs) {
        session.movedAt = now;
        detach(clientId, session);
        add(clientId, session);
      }
      return 'first';
    },
  };
}

/** For secrets of ten minutes, and a clock that is set back by a day. */
const KEPT_ENDS = 150;

interface TakenOffer {
  endsAt: number;
  address: string;
}

/** The used offers, until each expires. The limit of an address counts its offers in this time. */
function createTakenOffers({
  maxExchanges,
  maxExchangesPerAddress,
}: {
  maxExchanges: number;
  maxExchangesPerAddress: number;
}) {
  const offers = createQueue<string, TakenOffer>();
  const counts = new Map<string, number>();
  /** When the removed offers expired. All offers of one secret expire together. */
  let forgottenEnds: readonly number[] = [];

  function forget(clientId: string, { endsAt, address }: TakenOffer): void {
    offers.delete(clientId);
    if (!forgottenEnds.includes(endsAt)) forgottenEnds = [endsAt, ...forgottenEnds].slice(0, KEPT_ENDS);
    const own = (counts.get(address) ?? 0) - 1;
    if (own > 0) counts.set(address, own);
    else counts.delete(address);
  }

  return {
    has: (clientId: string, endsAt: number) =>
      offers.get(clientId) !== undefined || forgottenEnds.includes(endsAt),
    /** False if a limit is reached. */
    add(clientId: string, offer: TakenOffer): boolean {
      const own = counts.get(offer.address) ?? 0;
      if (offers.size >= maxExchanges || own >= maxExchangesPerAddress) return false;
      offers.put(clientId, offer);
      counts.set(offer.address, own + 1);
      return true;
    },
    forgetEnded(now: number): void {
      for (let oldest = offers.oldest(); oldest; oldest = offers.oldest()) {
        if (oldest[1].endsAt > now) return;
        forget(...oldest);
      }
    },
    forgetAll(): void {
      for (let oldest = offers.oldest(); oldest; oldest = offers.oldest()) forget(...oldest);
    },
  };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((byte, index) => byte === other[index]);
}
