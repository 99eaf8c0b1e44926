// The upstream of each route, with its address and TLS. Each is created once, and again if its TLS settings
// change, because a TLS context costs more than many requests.
import { hash } from 'node:crypto';
import type { GatewayRoute, UpstreamTls } from '@gatehouse/access';
import type { Upstream } from '../upstream/call.ts';

export interface RouteUpstreams {
  of(route: GatewayRoute): Upstream;
  /**
   * Removes the upstreams with changed TLS settings or a changed time limit. Returns their keys: a connection
   * that was verified with the old settings must not serve another request.
   */
  forgetChanged(): string[];
  /** Grows with each change of an upstream. */
  readonly changes: number;
}

interface Known {
  upstream: Upstream;
  tlsName: string | undefined;
  tls: UpstreamTls | undefined;
}

/**
 * `tlsNamed` finds an entry of the section `upstreams`. `connectSeconds` is the current limit for connecting.
 */
export function createRouteUpstreams(
  tlsNamed: (name: string) => UpstreamTls | undefined,
  connectSeconds: () => number,
): RouteUpstreams {
  const known = new Map<string, Known>();
  let changes = 0;
  const tlsOf = (name: string | undefined) => (name === undefined ? undefined : tlsNamed(name));
  return {
    of(route) {
      const { upstreamTls: tlsName } = route;
      const name = `${route.upstream} ${tlsName ?? ''}`;
      const found = known.get(name);
      if (found) return found.upstream;
      const tls = tlsOf(tlsName);
      const upstream = upstreamOf(route, tls, connectSeconds());
      known.set(name, { upstream, tlsName, tls });
      return upstream;
    },
    forgetChanged() {
      const seconds = connectSeconds();
      const changed = [...known].filter(
        ([, { upstream, tlsName, tls }]) =>
          tlsOf(tlsName) !== tls || upstream.target.connectSeconds !== seconds,
      );
      for (const [name] of changed) known.delete(name);
      if (changed.length > 0) changes += 1;
      return changed.map(([, { upstream }]) => upstream.key);
    },
    get changes() {
      return changes;
    },
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
      name: upstream,
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
    // A connection with a different trust or identity is never reused.
    key: clientTls ? `${url.origin} ${hash('sha256', JSON.stringify(clientTls))}` : url.origin,
    name: upstream,
    origin: url.origin,
    host: url.host,
    target: { address: { host, port }, tls: clientTls, connectSeconds },
  };
}
