// Measures one request on the network, for `trace`.

import type { Hop } from '../http/hops.ts';
import type { HttpRequest } from '../http/middleware.ts';
import type { Now } from '../http/now.ts';
import type { ConnectionLog, ConnectionTimes } from './connection-log.ts';

export interface HopClock {
  /** The request is sent on its connection. */
  sent(): void;
  end(status: number | undefined): void;
}

/** Undefined if no one asks for it. */
export function beginHop(request: HttpRequest, log: ConnectionLog, now: Now): HopClock | undefined {
  const { hops, method, url, attempt } = request;
  if (hops === undefined) return undefined;
  const from = now();
  let sentAt: number | undefined;
  let connection: ConnectionTimes | undefined;
  return {
    sent() {
      sentAt = now();
      connection = log.take();
    },
    end(status) {
      const at = now();
      hops.push({
        method,
        url: url.origin + url.pathname,
        attempt,
        status,
        startedMs: from - request.startedAt,
        connection,
        waitMs: sentAt === undefined ? undefined : at - sentAt,
        durationMs: at - from,
      } satisfies Hop);
    },
  };
}
