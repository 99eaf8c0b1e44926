// The upstream of each route, with its address and TLS. Made again when the sections change.
import { hash } from 'node:crypto';
import type { GatewayRoute, UpstreamTls } from '@gatehouse/access';
import type { Upstream } from '../upstream/call.ts';

export interface RouteUpstreams {
  of(route: GatewayRoute): Upstream;
  /** Forgets what was made from the sections before. */
  reset(): void;
}

/** `tlsNamed` finds an entry of the section `upstreams`. */
export function createRouteUpstreams(
  tlsNamed: (name: string) => UpstreamTls | undefined,
  connectSeconds: number,
): RouteUpstreams {
  const known = new Map<string, Upstream>();
  return {
    of(route) {
      const name = `${route.upstream} ${route.upstreamTls ?? ''}`;
      const found = known.get(name);
      if (found) return found;
      const made = upstreamOf(
        route,
        route.upstreamTls ? tlsNamed(route.upstreamTls) : undefined,
        connectSeconds,
      );
      known.set(name, made);
      return made;
    },
    reset: () => known.clear(),
  };
}

const UNIX = 'unix:';
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

function upstreamOf(
  { upstream }: GatewayRoute,
  tls: UpstreamTls | undefined,
  connectSeconds: number,
): Upstream {
  if (upstream.startsWith(UNIX)) {
    const path = upstream.slice(UNIX.length);
    return {
      key: upstream,
      origin: 'http://localhost',
      host: 'localhost',
      target: { address: { path }, tls: undefined, connectSeconds },
    };
  }
  const url = new URL(upstream);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 80) : Number(url.port);
  const clientTls =
    url.protocol === 'https:'
      ? {
          serverName: host,
          ca: tls?.ca,
          pin: tls?.pin,
          certificate: tls?.certificate,
          privateKey: tls?.privateKey,
        }
      : undefined;
  return {
    // A connection made under other trust or with another identity is never used again.
    key: clientTls ? `${url.origin} ${hash('sha256', JSON.stringify(clientTls))}` : url.origin,
    origin: url.origin,
    host: url.host,
    target: { address: { host, port }, tls: clientTls, connectSeconds },
  };
}
