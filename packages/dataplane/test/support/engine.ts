// A whole engine over plain TCP with an upstream, for tests.
import type { Server } from 'node:net';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import type { EventLog, GatewayRoute } from '@gatehouse/access';
import type { Counts } from '../../src/counts/counts.ts';
import { createCounts } from '../../src/counts/counts.ts';
import type { Engine, EngineDeps, EngineSettings } from '../../src/engine.ts';
import { createEngine } from '../../src/engine.ts';
import type { AccessMembers } from '../../src/exchange/access-record.ts';
import type { Admission, Admitted } from '../../src/exchange/admission.ts';
import { listenPlain, plainTransport } from './net-transport.ts';
import { membersOf } from './records.ts';

const silentLog: EventLog = { event() {} };

export interface TestEngine {
  engine: Engine;
  port: number;
  records: AccessMembers[];
  counts: Counts;
  server: Server;
}

export interface TestEngineOptions {
  /** The port of the upstream. */
  upstream: number;
  admission?: Partial<Admission>;
  maxBodyBytes?: number;
  server?: Partial<EngineSettings['server']>;
  exchange?: Partial<EngineSettings['exchange']>;
  upstreams?: Partial<EngineSettings['upstream']>;
  connectSeconds?: number;
  channels?: EngineDeps['channels'];
  log?: EventLog;
}

function routeWith(maxBodyBytes: number): GatewayRoute {
  return {
    id: 'all',
    policyName: 'all',
    position: 0,
    path: '/*',
    host: undefined,
    methods: undefined,
    upstream: 'http://127.0.0.1',
    access: 'public',
    accept: [],
    maxBodyBytes,
  };
}

/** The default result of admission. */
export function admitted(port: number, target: string, others: Partial<Admitted> = {}): Admitted {
  return {
    route: routeWith(1e9),
    upstream: {
      key: `http://127.0.0.1:${port}`,
      name: `http://127.0.0.1:${port}`,
      origin: `http://127.0.0.1:${port}`,
      host: `127.0.0.1:${port}`,
      target: { address: { host: '127.0.0.1', port }, tls: undefined, connectSeconds: 2 },
    },
    path: target,
    assertion: undefined,
    isOwnCredential: () => false,
    template: undefined,
    asked: undefined,
    ...others,
  };
}

export async function startEngine(t: TestContext, options: TestEngineOptions): Promise<TestEngine> {
  const records: AccessMembers[] = [];
  const counts = createCounts();
  const { upstream, maxBodyBytes = 1e9, connectSeconds = 2 } = options;
  const engine = createEngine(
    {
      transport: plainTransport,
      admission: {
        admit(state) {
          state.decision = 'allowed';
          const answer = admitted(upstream, state.request.target, { route: routeWith(maxBodyBytes) });
          answer.upstream.target.connectSeconds = connectSeconds;
          return answer;
        },
        holds: () => true,
        isRevoked: () => false,
        challenge: () => ['WWW-Authenticate', 'Bearer'],
        signer: () => undefined,
        ...options.admission,
      },
      log: options.log ?? silentLog,
      counts,
      channels: options.channels,
      accessLog: (record) => void records.push(membersOf(record)),
      presentedBy: () => undefined,
    },
    {
      server: { maxHeadBytes: 16384, maxFields: 100, headersSeconds: 5, idleSeconds: 10, ...options.server },
      exchange: {
        host: 'localhost',
        stallSeconds: 10,
        bodySeconds: 5,
        minBodyBytesPerSecond: 240,
        ...options.exchange,
      },
      upstream: {
        firstByteSeconds: 5,
        stallSeconds: 5,
        maxConnections: 100,
        maxIdle: 10,
        maxWaiting: 100,
        ...options.upstreams,
      },
    },
  );
  const { port, server } = await listenPlain(engine.accept);
  t.after(async () => {
    server.close();
    await engine.drain(0);
  });
  return { engine, port, records, counts, server };
}

/** Sends octets unchanged, and returns all octets received until the connection ends. */
export function talk(port: number, text: string | readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (part: string) => {
      answer += part;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
    const parts = typeof text === 'string' ? [text] : text;
    parts.forEach((part, index) => {
      setTimeout(() => socket.write(part, 'latin1'), index * 20);
    });
  });
}
