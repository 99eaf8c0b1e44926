// Cookies in the header field Cookie (RFC 6265 §4.2.1).

/** The names of all our cookies begin with this. No upstream gets or sets them. */
const OWN_PREFIX = '__Host-gatehouse';

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
  if (!cookies.toLowerCase().includes(OWN_PREFIX.toLowerCase())) return cookies;
  const others = pairsOf(cookies).filter((pair) => !isOwnCookie(pair));
  return others.length > 0 ? others.join('; ') : undefined;
}

/**
 * Whether this pair, or value of Set-Cookie, is one of ours. Browsers compare such prefixes without regard to
 * upper and lower case (RFC 6265bis §5.4).
 * @example
 * const isDropped = isOwnCookie('__Host-gatehouse=abc; Path=/');
 */
export function isOwnCookie(pair: string): boolean {
  return pair.trimStart().slice(0, OWN_PREFIX.length).toLowerCase() === OWN_PREFIX.toLowerCase();
}

function pairsOf(cookies: string): string[] {
  return cookies
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
}
