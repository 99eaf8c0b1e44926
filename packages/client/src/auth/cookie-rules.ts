// Which cookies a server may set (RFC 6265bis §5.6, §5.7), beyond what tough-cookie checks: no control
// characters, limited sizes and lifetimes, and prefixes in any case. Over plain HTTP, a server may set no
// Secure cookie, and none that would hide a Secure cookie.
import type * as library from 'tough-cookie';
import { isLoopback } from '../network/loopback.ts';

type Library = Pick<typeof library, 'Cookie' | 'domainMatch' | 'getPublicSuffix' | 'pathMatch'>;

const MOST_OCTETS = 4096;
const MOST_ATTRIBUTE_OCTETS = 1024;
const MOST_SECONDS = 400 * 86_400;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The cookie in a line of Set-Cookie. Undefined if it must be ignored. */
export function readCookie(
  line: string,
  url: URL,
  { lib, now }: { lib: Library; now: number },
): library.Cookie | undefined {
  if (CONTROL.test(line)) return undefined;
  const [pair = '', ...given] = line.split(';');
  const [name, value] = nameAndValue(pair);
  const size = Buffer.byteLength(name) + Buffer.byteLength(value);
  if (size === 0 || size > MOST_OCTETS) return undefined;
  const attributes = given.filter((each) => Buffer.byteLength(contentOf(each)) <= MOST_ATTRIBUTE_OCTETS);
  const cookie = lib.Cookie.parse(['n=v', ...attributes].join(';'));
  if (cookie === undefined) return undefined;
  cookie.key = name;
  cookie.value = value;
  const domain = attributes.findLast((each) => nameOf(each) === 'domain');
  if (domain !== undefined && contentOf(domain) === '') cookie.domain = null;
  if (isOwnPublicSuffix(cookie, url, lib)) cookie.domain = null;
  limitLifetime(cookie, now);
  return mayBeSet(cookie, url) ? cookie : undefined;
}

/** Whether a cookie from plain HTTP would hide a Secure one (§5.7). `all`: the cookies of the jar. */
export function hidesSecure(
  cookie: library.Cookie,
  url: URL,
  { all, lib }: { all: readonly library.Cookie[]; lib: Library },
): boolean {
  const domain = cookie.domain ?? url.hostname;
  return all.some(
    (other) =>
      other.secure &&
      other.key === cookie.key &&
      other.domain !== null &&
      (lib.domainMatch(domain, other.domain) || lib.domainMatch(other.domain, domain)) &&
      lib.pathMatch(cookie.path ?? url.pathname, other.path ?? '/'),
  );
}

/** Without a name, the whole text is the value (§5.6). */
function nameAndValue(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  const [name, value] = equals < 0 ? ['', pair] : [pair.slice(0, equals), pair.slice(equals + 1)];
  return [trimmed(name), trimmed(value)];
}

function nameOf(attribute: string): string {
  return trimmed(attribute.split('=', 1)[0] ?? '').toLowerCase();
}

function contentOf(attribute: string): string {
  const equals = attribute.indexOf('=');
  return equals < 0 ? '' : trimmed(attribute.slice(equals + 1));
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

/** `Domain=co.uk` from co.uk itself is for this host alone (§5.7 step 9). */
function isOwnPublicSuffix(
  { domain }: library.Cookie,
  { hostname }: URL,
  { getPublicSuffix }: Library,
): boolean {
  if (domain === null || domain !== hostname) return false;
  return getPublicSuffix(domain, { allowSpecialUseDomain: true, ignoreError: true }) === undefined;
}

/** tough-cookie counts Max-Age from the last use: a cookie in use would never expire. */
function limitLifetime(cookie: library.Cookie, now: number): void {
  const latest = now + MOST_SECONDS * 1000;
  if (cookie.maxAge !== null) {
    const ends =
      cookie.maxAge === '-Infinity' || Number(cookie.maxAge) <= 0 ? 0 : now + Number(cookie.maxAge) * 1000;
    cookie.expires = new Date(Math.min(ends, latest));
    cookie.maxAge = null;
  } else if (cookie.expires instanceof Date && cookie.expires.getTime() > latest) {
    cookie.expires = new Date(latest);
  }
}

function mayBeSet(cookie: library.Cookie, url: URL): boolean {
  if (cookie.key === '' && !isHarmlessWithoutName(cookie.value)) return false;
  if (cookie.secure && !isConfidential(url)) return false;
  if (cookie.sameSite === 'none' && !cookie.secure) return false;
  const name = cookie.key.toLowerCase();
  if (name.startsWith('__secure-')) return cookie.secure;
  if (name.startsWith('__host-')) return cookie.secure && cookie.domain === null && cookie.path === '/';
  return true;
}

/** A cookie without a name is sent as it is. It must not look like one with a name or a prefix. */
function isHarmlessWithoutName(value: string): boolean {
  return !value.includes('=') && !/^__(?:secure|host)-/i.test(value);
}

/** Loopback counts as secure, as in browsers. */
export function isConfidential({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname);
}
