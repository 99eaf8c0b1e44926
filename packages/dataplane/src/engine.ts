// The engine of a data plane process: clients' connections on one side, upstreams' on the other, and one
// timer wheel for both. It does not listen itself.
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { EventLog, PresentedCertificate } from '@gatehouse/access';
import type { Channels } from './channel/channels.ts';
import type { Counts } from './counts/counts.ts';
import type { AccessRecord } from './exchange/access-record.ts';
import type { Admission } from './exchange/admission.ts';
import type { ClientStream } from './exchange/client-stream.ts';
import { Exchange } from './exchange/exchange.ts';
import type { ExchangeSettings } from './exchange/settings.ts';
import { createWheel } from './exchange/wheel.ts';
import { KnownHeads } from './http1/known-heads.ts';
import type { RequestHead } from './http1/messages.ts';
import { createHttpDate } from './http1/writer.ts';
import { SealedExchange } from './sealed/sealed-exchange.ts';
import type { SealedRequests } from './sealed/sealed-requests.ts';
import { Http1Connection } from './server/http1-connection.ts';
import type { OpenConnection, ServerSettings } from './server/settings.ts';
import type { Connection, ConnectionEvents, PeerCertificate, Transport } from './transport/transport.ts';
import type { UpstreamSettings } from './upstream/settings.ts';
import type { Upstreams } from './upstream/upstreams.ts';
import { createUpstreams } from './upstream/upstreams.ts';

export interface EngineDeps {
  transport: Pick<Transport, 'connect'>;
  admission: Admission;
  log: EventLog;
  counts: Counts;
  /** Opens the channels of routes; undefined: no route has one. */
  channels?: ((upstreams: Upstreams) => Channels) | undefined;
  /** Takes the record of every request. Undefined: requests are not logged. */
  accessLog: ((record: AccessRecord) => void) | undefined;
  /** Undefined: sealed requests are not opened. */
  sealed?: Pick<SealedRequests, 'takes' | 'createIntake'>;
  /** Reads the certificate that a client presented. */
  presentedBy(certificate: PeerCertificate): PresentedCertificate | undefined;
}

export interface EngineSettings {
  server: ServerSettings;
  exchange: ExchangeSettings;
  upstream: UpstreamSettings;
}

export interface Engine {
  /** Takes a client's connection from a transport's `listen`. */
  accept(connection: Connection): ConnectionEvents;
  /** Open connections of clients. */
  connections(): number;
  /** Ends every request and connection that admission no longer allows. */
  endRevoked(): void;
  /** Applies these limits from now on. Open connections follow them from their next step. */
  limit(settings: EngineSettings): void;
  /**
   * From now on, opens new connections to the upstreams with these keys. A connection with a running request
   * closes after its answer.
   */
  retireUpstreams(keys: readonly string[]): void;
  /** Resolves when every connection has ended: after its answer, or after `graceSeconds`. */
  drain(graceSeconds: number): Promise<void>;
}

const REVOKED = 'the credential was revoked';
const TICK_MS = 100;
const DRAIN_CHECK_MS = 20;

/** A random UUID. Both runtimes generate them in advance. */
const requestId = (): string => randomUUID();

export function createEngine(deps: EngineDeps, initial: EngineSettings): Engine {
  // Connections and exchanges read their limits from these objects, which `limit` changes.
  const settings = {
    server: { ...initial.server },
    exchange: { ...initial.exchange },
    upstream: { ...initial.upstream },
  };
  const { transport, admission, log, accessLog, counts } = deps;
  const wheel = createWheel(performance.now(), TICK_MS);
  const dateOf = createHttpDate();
  const upstreams = createUpstreams({ transport, wheel, counts }, settings.upstream);
  const connections = new Set<OpenConnection>();
  const knownHeads = new KnownHeads<RequestHead>(crc32);
  let isDraining = false;

  const channels = deps.channels?.(upstreams);
  const exchangeDeps = { admission, upstreams, channels, wheel, requestId, log, counts, accessLog };
  const httpDate = () => dateOf(Date.now());
  const exchangeFor = (stream: ClientStream, other?: Admission) =>
    new Exchange(stream, other ? { ...exchangeDeps, admission: other } : exchangeDeps, settings.exchange);
  const { sealed } = deps;
  const sealedDeps = sealed && {
    wheel,
    settings: settings.exchange,
    counts,
    httpDate,
    createExchange: exchangeFor,
    createIntake: sealed.createIntake,
  };
  const serverDeps = {
    wheel,
    httpDate,
    requestId,
    counts,
    accessLog,
    createExchange: (stream: Http1Connection) =>
      sealedDeps && sealed.takes(stream.request)
        ? new SealedExchange(stream, sealedDeps)
        : exchangeFor(stream),
    knownHeads,
    connections,
    isDraining: () => isDraining,
    presentedBy: ({ tls }: Pick<Connection, 'tls'>) =>
      tls?.peerCertificate && deps.presentedBy(tls.peerCertificate),
  };
  let due = performance.now() + TICK_MS;
  const clock = setInterval(() => {
    const now = performance.now();
    counts.late(now - due);
    due = now + TICK_MS;
    wheel.advance(now);
  }, TICK_MS);
  clock.unref();

  return {
    accept: (connection) => new Http1Connection(connection, serverDeps, settings.server),
    connections: () => connections.size,
    endRevoked() {
      for (const { exchange } of connections) {
        const state = exchange?.state;
        if (state && !admission.holds(state)) exchange.end(REVOKED);
      }
      for (const connection of connections) {
        if (admission.isRevoked(connection.client)) connection.destroy();
      }
    },
    limit({ server, exchange, upstream }) {
      Object.assign(settings.server, server);
      knownHeads.clear();
      Object.assign(settings.exchange, exchange);
      Object.assign(settings.upstream, upstream);
    },
    retireUpstreams(keys) {
      for (const key of keys) upstreams.retire(key);
    },
    async drain(graceSeconds) {
      isDraining = true;
      for (const connection of connections) connection.endIfIdle();
      const end = performance.now() + graceSeconds * 1000;
      while (connections.size > 0 && performance.now() < end) await pause(DRAIN_CHECK_MS);
      for (const connection of connections) connection.destroy();
      upstreams.close();
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
