// The hosts of the gateway at which people can sign in: that of its URL, and those that routes name. A code
// for any other host would go to a stranger.
import type { GatewayRoute } from '../routes/route-table.ts';

/**
 * The hosts, with their ports, in lower case.
 * @example
 * const mayRedirect = signInHosts(routes, 'https://gw.example:8443').has(request.host);
 */
export function signInHosts(routes: Iterable<GatewayRoute>, gatewayUrl: string): ReadonlySet<string> {
  const { host, port } = new URL(gatewayUrl);
  const hosts = new Set<string>();
  for (const { host: named, accept } of routes) {
    if (!accept.includes('session')) continue;
    hosts.add(named === undefined ? host : port === '' ? named : `${named}:${port}`);
  }
  return hosts;
}
