// Sessions of people in browsers, by a cookie that only this listener gets. A browser also sends the cookie
// if a page of another site causes the request (cross-site request forgery). So a request that may change
// something is accepted only from a page of this origin, or of an origin that the route names. A cookie
// without a session is treated as no credential, because it stays in the browser after its session has ended.
import { hash } from 'node:crypto';
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import { base32 } from '../credentials/base32.ts';
import { cookieValue } from '../credentials/cookie.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { Principals, SessionFacts, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import type { BrowserRequest, Presented, WayIn } from './way-in.ts';

/**
 * The cookie of a session at the gateway. The prefix makes browsers refuse it from other hosts (RFC 6265bis
 * §4.1.3.2).
 * @example
 * const isOurs = name === GATEWAY_COOKIE;
 */
export const GATEWAY_COOKIE = '__Host-gatehouse';

const COOKIES_CACHED = 8192;
/** Longer header fields are not cached, to limit memory. */
const COOKIES_MAX_LENGTH = 4096;
const ID_OCTETS = 20;

/**
 * The id of the session with this cookie value: 160 bits of its SHA-256. An id is not enough to sign in.
 * @example
 * const facts = sessions.get(sessionIdOf(secret));
 */
export function sessionIdOf(secret: string): string {
  return base32(hash('sha256', secret, 'buffer').subarray(0, ID_OCTETS));
}

/** The session cookie of a request. */
interface NamedSession {
  id: string;
  request: BrowserRequest;
}

/** The caller of a session, from the current facts about both. */
interface KnownCaller {
  user: UserFacts;
  principal: Principal;
}

/** `principals` may change during use. */
export function sessionWay(
  { users, sessions }: Pick<Principals, 'users' | 'sessions'>,
  clock: Clock,
): WayIn<NamedSession> {
  const ids: BoundedMap<string, string> = createBoundedMap(COOKIES_CACHED);
  const callers = new WeakMap<SessionFacts, KnownCaller>();

  /** The id of the session in the cookies of a request; empty without a session cookie. */
  function idIn(cookies: string): string {
    const known = ids.get(cookies);
    if (known !== undefined) return known;
    const secret = cookieValue(cookies, GATEWAY_COOKIE);
    const id = secret === undefined ? '' : sessionIdOf(secret);
    if (cookies.length <= COOKIES_MAX_LENGTH) ids.set(cookies, id);
    return id;
  }

  /** The session may have expired, until it is removed. */
  function existing(id: string): SessionFacts | undefined {
    const facts = sessions.get(id);
    if (!facts) return undefined;
    const user = users.get(facts.name);
    return user && !user.disabled && user.tokenEpoch === facts.tokenEpoch ? facts : undefined;
  }

  function callerOf(id: string): Principal {
    const facts = existing(id);
    const user = facts && users.get(facts.name);
    if (!user) throw ended();
    const known = callers.get(facts);
    // A change of a user replaces the facts object.
    if (known?.user === user) return known.principal;
    const principal = principalOf(id, facts, user);
    callers.set(facts, { user, principal });
    return principal;
  }

  return {
    name: 'session',
    description: 'a session of a browser',
    find({ browser }: Presented) {
      if (!browser) return undefined;
      const id = idIn(browser.cookies);
      const facts = existing(id);
      const counts = facts?.host === browser.host && facts.expiresAt > clock.now();
      return counts ? { id, request: browser } : undefined;
    },
    authenticate({ id, request }) {
      requireOwnPage(request);
      return callerOf(id);
    },
    current: (principal) => callerOf(principal.sessionId ?? ''),
    challenge: () => undefined,
  };
}

function principalOf(
  id: string,
  { name, amr, authTime, tokenEpoch }: SessionFacts,
  { roles, groups, attributes }: UserFacts,
): Principal {
  const proved = Math.floor(authTime / 1000);
  const principal: Principal = {
    kind: 'user',
    name,
    roles,
    scopes: [],
    amr,
    authTime: proved,
    via: 'session',
    sessionId: id,
    tokenEpoch,
  };
  return withFacts(principal, { groups, attributes });
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Throws `cross_site_request`. Browsers send the source of a request in Sec-Fetch-Site and Origin (Fetch
 * Metadata §2.3, Fetch §3.1). A request without both is from a program, which sends only its own cookies. A
 * WebSocket begins with GET, and a page of any origin may open one (RFC 6455 §10.2).
 */
function requireOwnPage({ method, isWebSocket, host, site, origin, trustedOrigins }: BrowserRequest): void {
  if (SAFE_METHODS.has(method) && !isWebSocket) return;
  if (origin !== undefined && trustedOrigins.includes(origin)) return;
  if (origin === undefined ? isOwnSite(site) : origin === `https://${host}`) return;
  throw new GatehouseError(
    'cross_site_request',
    'With a session cookie, only a page of this origin may send this request. Send Origin, or another credential.',
  );
}

function isOwnSite(site: string | undefined): boolean {
  return site === undefined || site === 'same-origin' || site === 'none';
}

function ended(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The session has ended: sign in again.');
}
