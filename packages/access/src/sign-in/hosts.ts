// The hosts of the gateway: the host of its URL, and the hosts of routes. People can sign in at hosts with
// routes that accept sessions. A code for another host could reach an attacker.
import type { GatewayRoute } from '../routes/route-table.ts';

/**
 * The hosts, with their ports, in lower case.
 * @example
 * const mayRedirect = signInHosts(routes, 'https://gw.example:8443').has(request.host);
 */
export function signInHosts(routes: Iterable<GatewayRoute>, gatewayUrl: string): ReadonlySet<string> {
  return hostsOf(
    [...routes].filter(({ accept }) => accept.includes('session')),
    gatewayUrl,
  );
}

/**
 * All served hosts, with their ports, in lower case.
 * @example
 * const isOurs = servedHosts(routes, 'https://gw.example:8443').has(authority);
 */
export function servedHosts(routes: Iterable<GatewayRoute>, gatewayUrl: string): ReadonlySet<string> {
  return hostsOf(routes, gatewayUrl).add(new URL(gatewayUrl).host);
}

function hostsOf(routes: Iterable<GatewayRoute>, gatewayUrl: string): Set<string> {
  const { host, port } = new URL(gatewayUrl);
  const hosts = new Set<string>();
  for (const { host: named } of routes) {
    hosts.add(named === undefined ? host : port === '' ? named : `${named}:${port}`);
  }
  return hosts;
}
