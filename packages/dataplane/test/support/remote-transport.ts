// Starts transport-program.ts under Node or Bun, and drives it from a test.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  HandshakeRecord,
  ListenOptions,
  ServerTls,
  Target,
  TlsFacts,
} from '../../src/transport/index.ts';
import type { TestAuthority } from './certificates.ts';
import type { Mode, Order } from './transport-program.ts';

export interface Scope {
  after(undo: () => void | Promise<void>): void;
}

export interface RemoteEvent {
  event: string;
  connection?: number;
  address?: string;
  tls?: TlsFacts;
  text?: string;
  length?: number;
  received?: number;
  error?: string;
  record?: HandshakeRecord;
}

export interface RemoteTransport {
  order(order: Order): Promise<unknown>;
  /** The next event of this name that was not taken yet, within five seconds. */
  next(event: string, connection?: number): Promise<RemoteEvent>;
  /** Events of this name that were not taken. */
  pending(event: string): readonly RemoteEvent[];
  listen(options?: Partial<ListenOptions> & { mode?: Mode; relayTo?: number }): Promise<number>;
  connect(target: Target): Promise<number>;
  /** The next record of a handshake. */
  handshake(): Promise<HandshakeRecord>;
  /** The same process for another test, without listener, connections and events of before. */
  reset(): RemoteTransport;
}

interface Answer {
  answer?: unknown;
  failure?: string;
}

const PROGRAM = fileURLToPath(new URL('transport-program.ts', import.meta.url));
const BUN = fileURLToPath(new URL('../../../../node_modules/@oven/bun-linux-x64/bin/bun', import.meta.url));
const EVENT_MS = 5000;

export const TRANSPORTS = ['node', 'bun'] as const;

/** For the option `skip` of a test. */
export function skipWithout(name: 'node' | 'bun'): string | false {
  return name === 'bun' && !existsSync(BUN) ? 'needs the package @oven/bun-linux-x64' : false;
}

export function startTransport(scope: Scope, name: 'node' | 'bun'): RemoteTransport {
  const bun = ['--no-env-file', '--config=/dev/null', '--no-install', PROGRAM];
  const [command, args] =
    name === 'bun'
      ? [BUN, bun]
      : [process.execPath, ['--expose-gc', '--disable-warning=ExperimentalWarning', PROGRAM]];
  // Only the folder of compiled code, which makes Node start much faster.
  const { NODE_COMPILE_CACHE } = process.env;
  const env = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  scope.after(() => void child.kill('SIGKILL'));
  const answers = new Map<number, (line: Answer) => void>();
  const events: RemoteEvent[] = [];
  let wake = () => {};
  let lastId = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line);
    if (message.id === undefined) events.push(message);
    else answers.get(message.id)?.(message);
    answers.delete(message.id);
    wake();
  });

  function take(event: string, connection: number | undefined): RemoteEvent | undefined {
    const at = events.findIndex(
      (each) => each.event === event && (connection === undefined || each.connection === connection),
    );
    return at < 0 ? undefined : events.splice(at, 1)[0];
  }

  function send(order: Order, answered: (answer: Answer) => void): void {
    lastId += 1;
    answers.set(lastId, answered);
    child.stdin.write(`${JSON.stringify({ id: lastId, ...order })}\n`);
  }

  const remote: RemoteTransport = {
    async order(order) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      send(order, resolve);
      const { answer, failure } = await promise;
      if (failure !== undefined) throw new Error(failure);
      return answer;
    },
    async next(event, connection) {
      const deadline = Date.now() + EVENT_MS;
      for (;;) {
        const found = take(event, connection);
        if (found) return found;
        const left = deadline - Date.now();
        if (left <= 0) throw new Error(`no ${event} came; there are: ${JSON.stringify(events)}`);
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          new Promise((resolve) => setTimeout(resolve, left).unref()),
        ]);
      }
    },
    pending: (event) => events.filter((each) => each.event === event),
    async listen({ mode = 'manual', relayTo = 0, ...options } = {}) {
      const all = { host: '127.0.0.1', port: 0, reusePort: false, maxConnections: 100, handshakeSeconds: 5 };
      const merged = { ...all, ...options } as ListenOptions;
      return (await remote.order({ op: 'listen', options: plain(merged), mode, relayTo })) as number;
    },
    connect: (target) => remote.order({ op: 'connect', target }) as Promise<number>,
    async handshake() {
      const { record } = await remote.next('handshake');
      if (!record) throw new Error('an event without a record');
      return record;
    },
    reset() {
      // All events of before have come when it is answered.
      send({ op: 'reset' }, () => void events.splice(0));
      return remote;
    },
  };
  return remote;
}

// JSON has no octets.
function plain(options: ListenOptions): ListenOptions {
  return { ...options, tls: plainTls(options.tls) };
}

export function plainTls(tls: ServerTls): ServerTls {
  const octets = (from: Uint8Array) => [...from] as unknown as Uint8Array;
  const identities = tls.identities.map(({ ocspResponse, ...identity }) =>
    ocspResponse ? { ...identity, ocspResponse: octets(ocspResponse) } : identity,
  );
  return { ...tls, identities, ticketKeys: octets(tls.ticketKeys) };
}

/** The TLS settings of a server, with a certificate of `authority`. */
export function serverTls(authority: TestAuthority, more: Partial<ServerTls> = {}): ServerTls {
  const { key, cert } = authority.server();
  return {
    identities: [{ names: [], privateKey: key, certificateChain: cert }],
    challenges: [],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    suites: [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ],
    groups: ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'],
    clients: 'off',
    clientRoots: undefined,
    ticketKeys: randomBytes(48),
    keyLog: undefined,
    ...more,
  };
}
