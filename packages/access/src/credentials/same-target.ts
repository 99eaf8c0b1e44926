// Whether a credential with a request target or URL was made for this request (RFC 7616 §3.4.6, RFC 9449
// §4.3). Both are compared in the canonical form that the gateway authorises.
import { GatehouseError } from '../errors/errors.ts';
import { parseRequestTarget } from '../routes/request-target.ts';

/** Whether `named` is the target of the request, in any spelling of the path. The query must be the same. */
export function isSameTarget(named: string, { target, host }: { target: string; host: string }): boolean {
  if (named === target) return true;
  const [one, other] = [parsed(named), parsed(target)];
  if (!one || !other || one.path !== other.path || one.query !== other.query) return false;
  return one.authority === undefined || sameAuthority(one.authority, host);
}

/** Whether the URL has the origin and the path of the request. Ignores query and fragment of the URL. */
export function isSameUrl(named: string, { target, host }: { target: string; host: string }): boolean {
  const one = parsed(named.split('#', 1)[0] ?? '');
  const other = parsed(target);
  if (one?.authority === undefined || !other) return false;
  return sameAuthority(one.authority, host) && one.path === other.path;
}

function parsed(target: string) {
  try {
    return parseRequestTarget(target);
  } catch (error) {
    if (error instanceof GatehouseError) return undefined;
    throw error;
  }
}

/** RFC 9110 §4.2.3: the case of a host does not matter, and 443 is the port of https. */
function sameAuthority(one: string, other: string): boolean {
  return withoutDefaultPort(one) === withoutDefaultPort(other);
}

function withoutDefaultPort(authority: string): string {
  return authority.toLowerCase().replace(/:443$/, '');
}
