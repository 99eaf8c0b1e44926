// The connections to one upstream: idle connections, and requests that wait for a connection.
import { Timer } from '../exchange/wheel.ts';
import type { Upstream } from './call.ts';
import { UpstreamConnection } from './connection.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { failed, timedOut } from './failure.ts';
import type { PendingCall } from './pending-call.ts';
import type { UpstreamDeps, UpstreamSettings } from './settings.ts';

export interface Origin {
  send(call: PendingCall): void;
  /** Removes a call that waits for a connection. */
  abandon(call: PendingCall): void;
  /** Closes the idle connections now, and the others after their answer. */
  close(): void;
}

interface Waiting {
  call: PendingCall;
  timer: Timer;
}

/** `empty` is called when the origin has neither a connection nor a request. */
export function createOrigin(
  upstream: Upstream,
  parts: { deps: UpstreamDeps; settings: UpstreamSettings },
  empty: () => void,
): Origin {
  const { deps, settings } = parts;
  // The most recently used connection is used first, so that the others can expire.
  const idle: UpstreamConnection[] = [];
  const waiting: Waiting[] = [];
  let open = 0;
  let connecting = 0;
  let isClosing = false;
  const opening = new Set<UpstreamConnection>();

  const owner: ConnectionOwner<UpstreamConnection> = {
    ready(connection) {
      if (opening.delete(connection)) connecting -= 1;
      const next = waiting.length > 0 ? takeNext(connection) : undefined;
      if (next) {
        deps.wheel.clear(next.timer);
        connection.carry(next.call);
      } else if (isClosing || idle.length >= settings.maxIdle) {
        connection.destroy();
      } else {
        idle.push(connection);
      }
    },
    gone(connection) {
      open -= 1;
      deps.counts.upstreamClosed(upstream.name);
      const place = idle.lastIndexOf(connection);
      if (place >= 0) idle.splice(place, 1);
      if (opening.delete(connection)) connecting -= 1;
      if (connecting < waiting.length && open < settings.maxConnections) connect();
      else if (open === 0 && waiting.length === 0) empty();
    },
    failedToOpen(error) {
      deps.counts.upstreamNotOpened(upstream.name);
      // One connection was opened for each waiting request, up to the limit.
      const next = waiting.shift();
      if (!next) return;
      deps.wheel.clear(next.timer);
      next.call.fail(error);
    },
    repeat(call) {
      call.repeat();
      wait(call);
      connect();
    },
  };

  /** A request is repeated only on a new connection, because other idle connections may be closed as well. */
  function takeNext(connection: UpstreamConnection): Waiting | undefined {
    const place = waiting.findIndex(({ call }) => connection.isNew || !call.isRepeated);
    return place < 0 ? undefined : waiting.splice(place, 1)[0];
  }

  function connect(): void {
    open += 1;
    connecting += 1;
    deps.counts.upstreamConnecting(upstream.name);
    opening.add(new UpstreamConnection(upstream, owner, parts));
  }

  function wait(call: PendingCall): void {
    const timer = new Timer(() => {
      abandon(call);
      call.fail(timedOut());
    });
    deps.wheel.set(timer, (upstream.target.connectSeconds + 1) * 1000);
    waiting.push({ call, timer });
  }

  function abandon(call: PendingCall): void {
    const place = waiting.findIndex((entry) => entry.call === call);
    if (place < 0) return;
    const [entry] = waiting.splice(place, 1);
    if (entry) deps.wheel.clear(entry.timer);
  }

  return {
    send(call) {
      const connection = idle.pop();
      if (connection) {
        connection.carry(call);
        return;
      }
      if (waiting.length >= settings.maxWaiting) {
        queueMicrotask(() => call.fail(failed(new Error('too many requests wait for the upstream'))));
        return;
      }
      wait(call);
      if (connecting < waiting.length && open < settings.maxConnections) connect();
    },
    abandon,
    close() {
      isClosing = true;
      for (const connection of idle.splice(0)) connection.destroy();
    },
  };
}
