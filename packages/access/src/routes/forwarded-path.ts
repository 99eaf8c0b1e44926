// The path for the upstream: the path of the request with another beginning.
import type { GatewayRoute } from './route-table.ts';

/**
 * Converts the path of the request into the path for the upstream. Neither has a query.
 * @example
 * forwardedPath({ stripPrefix: '/api', addPrefix: '/v1' }, '/api/notes'); // '/v1/notes'
 */
export function forwardedPath(
  { stripPrefix = '', addPrefix = '' }: Pick<GatewayRoute, 'stripPrefix' | 'addPrefix'>,
  path: string,
): string {
  if (stripPrefix === '' && addPrefix === '') return path;
  const isBelow = path.startsWith(stripPrefix) && /^(?:\/|$)/.test(path.slice(stripPrefix.length));
  const rest = isBelow ? path.slice(stripPrefix.length) : path;
  return addPrefix + rest || '/';
}

/**
 * The reverse, for redirects: the client's path for the upstream's `path`. Undefined if this route does not
 * lead to it.
 * @example
 * clientPath({ stripPrefix: '/api', addPrefix: '/v1' }, '/v1/notes'); // '/api/notes'
 */
export function clientPath(
  { stripPrefix = '', addPrefix = '' }: Pick<GatewayRoute, 'stripPrefix' | 'addPrefix'>,
  path: string,
): string | undefined {
  if (!path.startsWith(addPrefix) || !/^(?:[/?#]|$)/.test(path.slice(addPrefix.length))) return undefined;
  return stripPrefix + path.slice(addPrefix.length) || '/';
}
