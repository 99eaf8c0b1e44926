// The counts of a data plane process, which it reports to the server about once a second: only new counts
// since the last report. The server adds them up, so at most one second is lost when a process is replaced.
import { GatehouseError } from '@gatehouse/access';
import type { HandshakeRecord } from '../transport/transport.ts';
import type { DECISIONS, RouteReport } from './route-counts.ts';
import { RouteCounts } from './route-counts.ts';

/** The counted values of a request that has ended. */
export interface EndedRequest {
  /** The id of its route. */
  route: string | undefined;
  decision: (typeof DECISIONS)[number];
  status: number;
  bytesIn: number;
  bytesOut: number;
  durationMs: number;
  /** Undefined if no upstream answered. */
  upstreamMs: number | undefined;
}

export interface Counts {
  ended(request: EndedRequest): void;
  /** A request that could not be read got this status. */
  unreadable(status: number): void;
  upstreamFailed(route: string, error: Error): void;
  handshake(record: Pick<HandshakeRecord, 'tls' | 'failure'>): void;
  /** `name` is the configured name of the upstream. */
  upstreamConnecting(name: string): void;
  upstreamNotOpened(name: string): void;
  upstreamClosed(name: string): void;
  /**
   * The result of a message, a sealed request or a signature. `result` is a code, never a text of a client.
   */
  outcome(of: OutcomeKind, result: string): void;
  /** The delay with which the event loop ran a timer. */
  late(ms: number): void;
  /** The counts since the last call. */
  take(): CountsReport;
}

export interface CountsReport {
  routes: RouteReport[];
  handshakes: HandshakeCount[];
  upstreams: UpstreamReport[];
  outcomes: OutcomeCount[];
  /** The longest delay since the last report. */
  loopDelayMs: number;
}

export interface HandshakeCount {
  /** `TLSv1.3`; null if the handshake failed before TLS agreed on one. */
  version: string | null;
  result: 'full' | 'resumed' | 'failed';
  count: number;
}

/** Operations with a separate result, beside that of their request. */
export type OutcomeKind = 'channel' | 'sealed' | 'signature' | 'signedAnswer';

export interface OutcomeCount {
  of: OutcomeKind;
  result: string;
  count: number;
}

/** The counts of connections to an upstream. */
export interface UpstreamReport {
  /** As in the configuration: an origin, or `unix:` and a path. */
  name: string;
  /** Attempts to connect, and failed attempts. */
  connects: number;
  failures: number;
  /** The current connections, open or being opened. */
  open: number;
}

const SWITCHING_PROTOCOLS = 101;

export function createCounts(): Counts {
  let routes = new Map<string | null, RouteCounts>();
  let handshakes = new Map<string, HandshakeCount>();
  const upstreams = new Map<string, UpstreamReport>();
  let outcomes = new Map<string, OutcomeCount>();
  let loopDelayMs = 0;

  function countsOf(route: string | null): RouteCounts {
    let counts = routes.get(route);
    if (counts === undefined) {
      counts = new RouteCounts();
      routes.set(route, counts);
    }
    return counts;
  }

  function upstreamOf(name: string): UpstreamReport {
    let counts = upstreams.get(name);
    if (counts === undefined) {
      counts = { name, connects: 0, failures: 0, open: 0 };
      upstreams.set(name, counts);
    }
    return counts;
  }

  function takeUpstreams(): UpstreamReport[] {
    const reports = [...upstreams.values()].map((counts) => ({ ...counts }));
    for (const counts of upstreams.values()) {
      // An upstream without connections is reported once more, with 0.
      if (counts.open === 0) upstreams.delete(counts.name);
      counts.connects = 0;
      counts.failures = 0;
    }
    return reports;
  }

  return {
    ended({ route, decision, status, bytesIn, bytesOut, durationMs, upstreamMs }) {
      const counts = countsOf(route ?? null);
      counts.answered(decision, status);
      counts.passed(bytesIn, bytesOut);
      // The time that a tunnel stays open is not a response time.
      if (status !== SWITCHING_PROTOCOLS) counts.took(decision, durationMs);
      if (upstreamMs !== undefined) counts.upstreamTook(upstreamMs);
    },
    unreadable: (status) => countsOf(null).answered('refused', status),
    upstreamFailed(route, error) {
      const counts = countsOf(route);
      if (error instanceof GatehouseError && error.code === 'upstream_timeout') counts.upstreamTimeouts += 1;
      else counts.upstreamFailures += 1;
    },
    handshake({ tls, failure }) {
      const version = tls?.version ?? null;
      const result = failure !== undefined ? 'failed' : tls?.resumed ? 'resumed' : 'full';
      const key = `${version} ${result}`;
      const known = handshakes.get(key);
      if (known) known.count += 1;
      else handshakes.set(key, { version, result, count: 1 });
    },
    upstreamConnecting(name) {
      const counts = upstreamOf(name);
      counts.connects += 1;
      counts.open += 1;
    },
    upstreamNotOpened(name) {
      upstreamOf(name).failures += 1;
    },
    upstreamClosed(name) {
      upstreamOf(name).open -= 1;
    },
    outcome(of, result) {
      const key = `${of} ${result}`;
      const known = outcomes.get(key);
      if (known) known.count += 1;
      else outcomes.set(key, { of, result, count: 1 });
    },
    late(ms) {
      if (ms > loopDelayMs) loopDelayMs = ms;
    },
    take() {
      const report = {
        routes: [...routes].map(([route, counts]) => counts.report(route)),
        handshakes: [...handshakes.values()],
        upstreams: takeUpstreams(),
        outcomes: [...outcomes.values()],
        loopDelayMs,
      };
      // New maps, so that a removed route uses no memory.
      routes = new Map();
      handshakes = new Map();
      outcomes = new Map();
      loopDelayMs = 0;
      return report;
    },
  };
}
