// Runs one transport for tests, in Node or in Bun. Orders come as JSON lines on standard input; answers and
// events leave as JSON lines on standard output.
import { readdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { createInterface } from 'node:readline';
import type {
  Connection,
  ConnectionEvents,
  Listener,
  ListenOptions,
  ServerTls,
  Target,
} from '../../src/transport/index.ts';
import { createBunTransport, createNodeTransport } from '../../src/transport/index.ts';

export type Order =
  | { op: 'listen'; options: Omit<ListenOptions, 'handshake'>; mode: Mode; relayTo?: number }
  | { op: 'present'; tls: ServerTls }
  | { op: 'limit'; maxConnections: number }
  | { op: 'stop' }
  | { op: 'connect'; target: Target }
  | { op: 'storm'; target: Target; count: number }
  | { op: 'write'; connection: number; text: string }
  | { op: 'pour'; connection: number; octets: number }
  | { op: 'end' | 'destroy' | 'pause' | 'resume'; connection: number }
  | { op: 'memory' }
  | { op: 'descriptors' }
  | { op: 'reset' };

/**
 * `manual`: the test controls it. `paused`: the same, but paused from the beginning. `echo`: sends received
 * octets back, with backpressure. `relay`: the first octets open a connection to the port `relayTo`, and
 * octets from there are sent to the client, with backpressure.
 */
export type Mode = 'manual' | 'paused' | 'echo' | 'relay';

// Writes the compile cache now, because the test kills the process before its ordinary end.
nodeModule.flushCompileCache?.();

const createTransport = 'Bun' in globalThis ? createBunTransport : createNodeTransport;
let transport = await createTransport();
const connections = new Map<number, Connection>();
const pouring = new Map<number, number>();
const CHUNK = new Uint8Array(64 * 1024).fill(0x78);
let listener: Listener | undefined;
let lastConnection = 0;
let resets = 0;

function tell(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** For events until the next reset. */
function telling(): typeof tell {
  const begun = resets;
  return (event) => {
    if (begun === resets) tell(event);
  };
}

/** Leaves nothing to the next test, also no late event. */
async function reset(): Promise<void> {
  resets += 1;
  listener?.stop();
  listener = undefined;
  for (const connection of connections.values()) connection.destroy();
  connections.clear();
  pouring.clear();
  transport = await createTransport();
}

function pour(number: number): void {
  const connection = connections.get(number);
  let left = pouring.get(number) ?? 0;
  while (connection && left > 0) {
    const size = Math.min(left, CHUNK.length);
    left -= size;
    pouring.set(number, left);
    if (!connection.write(CHUNK.subarray(0, size))) return;
  }
}

function remember(connection: Connection, number: number, mode: Mode): ConnectionEvents {
  connections.set(number, connection);
  let received = 0;
  const tellNow = telling();
  const event = (name: string, more: Record<string, unknown> = {}) =>
    tellNow({ event: name, connection: number, ...more });
  return {
    opened: () => event('opened', { tls: connection.tls }),
    data(octets) {
      received += octets.length;
      if (mode === 'echo') {
        if (!connection.write(octets)) connection.pause();
      } else if (octets.length < 1000) {
        event('data', { text: Buffer.from(octets).toString('latin1') });
      } else event('data', { length: octets.length });
      // Code that holds a reference to these octets would send this.
      octets.fill(0x21);
    },
    drained() {
      if (mode === 'echo') connection.resume();
      else event('drained');
      pour(number);
    },
    ended() {
      if (mode === 'echo') connection.end();
      event('ended', { received });
    },
    closed(error) {
      connections.delete(number);
      event('closed', { error: error && ((error as NodeJS.ErrnoException).code ?? error.message) });
    },
  };
}

function relay(client: Connection, port: number): ConnectionEvents {
  let upstream: Connection | undefined;
  const target: Target = { address: { host: '127.0.0.1', port }, tls: undefined, connectSeconds: 5 };
  return {
    data() {
      upstream = transport.connect(target, {
        data(octets) {
          if (!client.write(octets)) upstream?.pause();
        },
        drained() {},
        ended: () => client.end(),
        closed() {},
      });
    },
    drained: () => upstream?.resume(),
    ended: () => client.destroy(),
    closed: () => upstream?.destroy(),
  };
}

/** Begins many connections at once. Returns the different errors that they end with. */
async function storm(target: Target, count: number): Promise<unknown[]> {
  const attempts = Array.from({ length: count }, async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    try {
      transport.connect(target, { data() {}, drained() {}, ended() {}, closed: resolve });
      return codeOf(await promise);
    } catch (error) {
      return codeOf(error);
    }
  });
  return [...new Set(await Promise.all(attempts))];
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

async function follow(order: Order): Promise<unknown> {
  if (order.op === 'listen') {
    const tellNow = telling();
    const handshake = (record: unknown) => tellNow({ event: 'handshake', record });
    listener = await transport.listen({ ...revive(order.options), handshake }, (connection) => {
      lastConnection += 1;
      const { address, tls } = connection;
      tellNow({ event: 'accepted', connection: lastConnection, address, tls });
      if (order.mode === 'relay') return relay(connection, order.relayTo ?? 0);
      if (order.mode === 'paused') connection.pause();
      return remember(connection, lastConnection, order.mode);
    });
    return listener.port;
  }
  if (order.op === 'present') return listener?.present(reviveTls(order.tls));
  if (order.op === 'limit') return listener?.limit(order.maxConnections);
  if (order.op === 'stop') return listener?.stop();
  if (order.op === 'reset') return reset();
  if (order.op === 'memory') return memory();
  if (order.op === 'storm') return storm(order.target, order.count);
  if (order.op === 'descriptors') return readdirSync('/proc/self/fd').length;
  if (order.op === 'connect') {
    lastConnection += 1;
    const number = lastConnection;
    let events: ConnectionEvents | undefined;
    const late: ConnectionEvents = {
      opened: () => events?.opened?.(),
      data: (octets) => events?.data(octets),
      drained: () => events?.drained(),
      ended: () => events?.ended(),
      closed: (error) => events?.closed(error),
    };
    const connection = transport.connect(order.target, late);
    events = remember(connection, number, 'manual');
    return number;
  }
  const connection = connections.get(order.connection);
  if (!connection) throw new Error(`no connection ${order.connection}`);
  if (order.op === 'write') return connection.write(order.text);
  if (order.op === 'pour') {
    pouring.set(order.connection, order.octets);
    return pour(order.connection);
  }
  return connection[order.op]();
}

function memory(): number {
  if ('Bun' in globalThis) (globalThis as unknown as { Bun: { gc(force: boolean): void } }).Bun.gc(true);
  else globalThis.gc?.();
  return process.memoryUsage.rss();
}

// JSON has no octets.
function revive<T extends { tls: ServerTls }>(options: T): T {
  return { ...options, tls: reviveTls(options.tls) };
}

function reviveTls(tls: ServerTls): ServerTls {
  const octets = (from: unknown) => Uint8Array.from(from as number[]);
  const identities = tls.identities.map(({ ocspResponse, ...identity }) =>
    ocspResponse ? { ...identity, ocspResponse: octets(ocspResponse) } : identity,
  );
  return { ...tls, identities, ticketKeys: octets(tls.ticketKeys) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ...order } = JSON.parse(line);
  try {
    tell({ id, answer: await follow(order as Order) });
  } catch (error) {
    tell({ id, failure: (error as NodeJS.ErrnoException).code ?? String(error) });
  }
}
process.exit(0);
