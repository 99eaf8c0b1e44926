// The gateway of a data plane process: the listener, the engine behind it, and admission from the sections in
// force.
import type {
  ChallengeIdentity,
  Claims,
  EventLog,
  FactRecorder,
  NamedIdentity,
  RunningSettings,
  SectionCopies,
  ServerIdentity,
} from '@gatehouse/access';
import {
  challengeIdentities,
  createAdmission as createDecisions,
  listenerIdentity,
  namedIdentities,
  presentedBy,
  runningSettings,
} from '@gatehouse/access';
import type { EncryptedSessions } from '@gatehouse/protocol';
import { createAdmission } from './admission/admission.ts';
import { createPolicyFailures } from './admission/policy-failures.ts';
import type { RequestClock } from './admission/request-clock.ts';
import { createRouteUpstreams } from './admission/route-upstreams.ts';
import { createChannels } from './channel/channels.ts';
import type { Counts } from './counts/counts.ts';
import type { Engine, EngineSettings } from './engine.ts';
import { createEngine } from './engine.ts';
import type { AccessRecord } from './exchange/access-record.ts';
import { clientsWithin, connectionsOfUpstream } from './process/descriptors.ts';
import { createSealedRequests } from './sealed/sealed-requests.ts';
import type { DataPlaneSettings } from './settings.ts';
import { createSignIn } from './sign-in/sign-in.ts';
import { createSignInPlace } from './sign-in/sign-in-place.ts';
import type { HandshakeRecord, Listener, ServerTls, Transport } from './transport/transport.ts';

export interface GatewayDeps {
  transport: Transport | Promise<Transport>;
  copies: SectionCopies;
  /** The copies of the sections use it, too. */
  clock: RequestClock;
  facts: FactRecorder;
  claims: Claims;
  accessLog: { write(record: AccessRecord): void } | undefined;
  log: EventLog;
  counts: Counts;
  /** How many files and connections the process may have open. */
  descriptors: number;
  /** The sessions of encrypted endpoints, for all workers. */
  sessions: EncryptedSessions;
  /** Takes the record of every handshake. */
  handshake(record: HandshakeRecord): void;
}

export interface Gateway {
  /** Open connections of clients. */
  connections(): number;
  /** Resolves with the port. Rejects with Node's error when it cannot listen. */
  listen(): Promise<number>;
  /** Applies the sections now in force, also to requests and connections in progress. Then resolves. */
  sectionsChanged(): Promise<void>;
  /** Accepts nothing new, gives running requests `graceSeconds` to finish, then closes the others. */
  drain(graceSeconds: number): Promise<void>;
}

export function createGateway(deps: GatewayDeps, settings: DataPlaneSettings): Gateway {
  const { copies, clock, facts, accessLog, log, counts, descriptors, sessions } = deps;
  const upstreams = createRouteUpstreams(
    (name) => copies.sections.upstreams.get(name),
    () => runningSettings(copies.sections).timeouts.connect,
  );
  const place = createSignInPlace(copies);
  const sealed = createSealedRequests({ copies, claims: deps.claims, clock: { now: ticking(clock) } });
  const admission = createAdmission({
    decisions: createDecisions(facts, clock.now, createPolicyFailures(log, clock)),
    copies,
    clock,
    upstreams,
    signIn: createSignIn(facts, place),
    place,
    sealed,
    counts,
  });
  const source = () => copies.sections.channels.get('default');
  const handshake = (record: HandshakeRecord) => {
    counts.handshake(record);
    deps.handshake(record);
  };
  let presented: readonly unknown[] = [];
  let inForce: RunningSettings | undefined;
  let engine: Engine | undefined;
  let listener: Listener | undefined;

  /** Most changes are about users or keys, and new TLS contexts cost more than all of these. */
  function tlsChanged(): boolean {
    const { clientCertificates } = runningSettings(copies.sections);
    const now: readonly (ServerIdentity | NamedIdentity | ChallengeIdentity | string)[] = [
      clientCertificates,
      ...copies.sections.tls.values(),
    ];
    const isSame = now.length === presented.length && now.every((one, index) => one === presented[index]);
    presented = now;
    return !isSame;
  }

  function takeLimits(): void {
    const running = runningSettings(copies.sections);
    if (running === inForce) return;
    inForce = running;
    engine?.limit(engineSettings(settings, running, descriptors));
    listener?.limit(clients(running));
  }

  /** How many may be connected. */
  function clients({ maxConnections }: RunningSettings): number {
    const fit = clientsWithin(descriptors, maxConnections);
    if (fit < maxConnections)
      log.event('gateway.connections_limited', { maxConnections, connections: fit, descriptors });
    return fit;
  }

  return {
    connections: () => engine?.connections() ?? 0,
    async listen() {
      tlsChanged();
      const { reusePort, handshakeSeconds } = settings;
      inForce = runningSettings(copies.sections);
      const transport = await deps.transport;
      engine = createEngine(
        {
          transport,
          admission,
          log,
          counts,
          channels: (upstreams) => createChannels({ upstreams, log, source, sessions, counts }),
          sealed,
          accessLog: accessLog?.write,
          presentedBy,
        },
        engineSettings(settings, inForce, descriptors),
      );
      const tls = serverTls(copies, settings);
      const limits = { reusePort, handshakeSeconds, maxConnections: clients(inForce) };
      listener = await transport.listen({ ...settings.listen, ...limits, tls, handshake }, engine.accept);
      return listener.port;
    },
    async sectionsChanged() {
      takeLimits();
      engine?.retireUpstreams(upstreams.forgetChanged());
      engine?.endRevoked();
      if (tlsChanged()) await listener?.present(serverTls(copies, settings));
    },
    async drain(graceSeconds) {
      listener?.stop();
      await engine?.drain(graceSeconds);
    },
  };
}

/** Admission reads the system's clock after a request was opened. */
function ticking(clock: RequestClock): () => number {
  return () => {
    clock.tick();
    return clock.now();
  };
}

function serverTls({ sections }: SectionCopies, { tls }: DataPlaneSettings): ServerTls {
  const { clientCertificates } = runningSettings(sections);
  const { privateKey, certificateChain, ocspResponse, clientRoots, ticketKeys } = listenerIdentity(sections);
  const { minVersion, maxVersion, suites, groups, keyLog } = tls;
  const own = { names: [], privateKey, certificateChain, ...(ocspResponse && { ocspResponse }) };
  return {
    identities: [own, ...namedIdentities(sections)],
    challenges: challengeIdentities(sections),
    minVersion,
    maxVersion,
    suites,
    groups,
    clients: clientCertificates,
    clientRoots,
    ticketKeys,
    keyLog,
  };
}

// Enough for one process.
const UPSTREAM_CONNECTIONS = { maxIdle: 256, maxWaiting: 10_000 };

function engineSettings(
  { host }: DataPlaneSettings,
  running: RunningSettings,
  descriptors: number,
): EngineSettings {
  const { timeouts, maxHeaderBytes, maxHeaders, minBodyBytesPerSecond } = running;
  return {
    server: {
      maxHeadBytes: maxHeaderBytes,
      maxFields: maxHeaders,
      headersSeconds: timeouts.headers,
      idleSeconds: timeouts.idle,
    },
    exchange: { host, stallSeconds: timeouts.stall, bodySeconds: timeouts.body, minBodyBytesPerSecond },
    upstream: {
      firstByteSeconds: timeouts.firstByte,
      stallSeconds: timeouts.stall,
      maxConnections: connectionsOfUpstream(descriptors),
      ...UPSTREAM_CONNECTIONS,
    },
  };
}
