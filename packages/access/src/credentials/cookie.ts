// Cookies in the header field Cookie (RFC 6265 §4.2.1).

/**
 * The names of all our cookies begin so, also of those at the control listener, which browsers send here too
 * if both have the same host. No upstream gets or sets them. Browsers compare such prefixes without regard to
 * upper and lower case, and older ones take `=NAME=x` for a cookie of that name (RFC 6265bis §5.4, §5.7).
 */
const OWN_COOKIE = /^[\s=]*__(?:Host|Secure)-gatehouse/i;

/**
 * The value of a cookie; undefined if there is none, or more than one. A comma is not a separator, because
 * other hosts of the domain can set a cookie with a comma in its value.
 * @example
 * const secret = cookieValue('theme=dark; __Host-gatehouse=abc', '__Host-gatehouse');
 */
export function cookieValue(cookies: string, name: string): string | undefined {
  const prefix = `${name}=`;
  const found = pairsOf(cookies).filter((pair) => pair.startsWith(prefix));
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined;
}

/**
 * The cookies that are not ours; undefined if there are none.
 * @example
 * const forwarded = withoutOwnCookies(request.cookies);
 */
export function withoutOwnCookies(cookies: string): string | undefined {
  if (!MAY_HAVE_OWN.test(cookies)) return cookies;
  const others = pairsOf(cookies).filter((pair) => !isOwnCookie(pair));
  return others.length > 0 ? others.join('; ') : undefined;
}

const MAY_HAVE_OWN = /-gatehouse/i;

/**
 * Whether this pair, or value of Set-Cookie, is one of ours.
 * @example
 * const isDropped = isOwnCookie('__Host-gatehouse=abc; Path=/');
 */
export function isOwnCookie(pair: string): boolean {
  return OWN_COOKIE.test(pair);
}

function pairsOf(cookies: string): string[] {
  return cookies
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
}
