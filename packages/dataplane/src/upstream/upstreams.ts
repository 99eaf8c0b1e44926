// The connections to all upstreams of this process. Connections are kept for each upstream and never shared
// between upstreams that differ in anything.
import type { Call, Upstream, UpstreamEvents, UpstreamRequest } from './call.ts';
import type { Origin } from './origin.ts';
import { createOrigin } from './origin.ts';
import { PendingCall } from './pending-call.ts';
import type { UpstreamDeps, UpstreamSettings } from './settings.ts';

export interface Upstreams {
  /** The events follow after the return. */
  send(upstream: Upstream, request: UpstreamRequest, events: UpstreamEvents): Call;
  /** Closes idle connections, and the others after their answer. */
  close(): void;
}

export function createUpstreams(deps: UpstreamDeps, settings: UpstreamSettings): Upstreams {
  const origins = new Map<string, Origin>();

  function originOf(upstream: Upstream): Origin {
    const known = origins.get(upstream.key);
    if (known) return known;
    const origin = createOrigin(upstream, { deps, settings }, () => origins.delete(upstream.key));
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
    close() {
      for (const origin of origins.values()) origin.close();
    },
  };
}
