// The connections to all upstreams of this process. Upstreams that differ in any setting never share
// connections.
import type { Call, Upstream, UpstreamEvents, UpstreamRequest } from './call.ts';
import type { Origin } from './origin.ts';
import { createOrigin } from './origin.ts';
import { createPausedConnections } from './paused-connections.ts';
import { PendingCall } from './pending-call.ts';
import { endingRefused } from './refused-connection.ts';
import type { UpstreamDeps, UpstreamSettings } from './settings.ts';

export interface Upstreams {
  /** The events follow after the return. */
  send(upstream: Upstream, request: UpstreamRequest, events: UpstreamEvents): Call;
  /**
   * Closes the connections to the upstream with this key: idle ones now, the others after their answer. The
   * next request opens a new connection.
   */
  retire(key: string): void;
  /** Closes idle connections, and the others after their answer. */
  close(): void;
}

export function createUpstreams(deps: Omit<UpstreamDeps, 'paused'>, settings: UpstreamSettings): Upstreams {
  const origins = new Map<string, Origin>();
  const paused = createPausedConnections();
  const safe = { ...deps, paused, transport: endingRefused(deps.transport) };

  function originOf(upstream: Upstream): Origin {
    const known = origins.get(upstream.key);
    if (known) return known;
    const origin = createOrigin(upstream, { deps: safe, settings }, () => {
      // A new origin may have replaced a retired one.
      if (origins.get(upstream.key) === origin) origins.delete(upstream.key);
    });
    origins.set(upstream.key, origin);
    return origin;
  }

  return {
    send(upstream, request, events) {
      const origin = originOf(upstream);
      const call = new PendingCall(request, events, origin.abandon);
      origin.send(call);
      return call;
    },
    retire(key) {
      origins.get(key)?.close();
      origins.delete(key);
    },
    close() {
      for (const origin of origins.values()) origin.close();
    },
  };
}
