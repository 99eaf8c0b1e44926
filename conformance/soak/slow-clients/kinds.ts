// The kinds of slow clients. Each does as little as possible, and notices when the gateway disconnects it.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { HeldConnections } from './held-connections.ts';
import type { Limits } from './settings.ts';

/** The address of the gateway for slow clients. */
export interface Victim {
  port: number;
  secureContext: SecureContext;
  /** Between two visits of a client that comes and goes, on average. */
  pauseMs: number;
  held: HeldConnections;
}

/** A slow client that has begun. */
export interface SlowClient {
  /** Resolves when it was disconnected, or has finished. Rejects if it was not served. */
  over: Promise<void>;
  stop(): void;
}

export interface SlowKind {
  name: string;
  /** Resolves when the client is as slow as it will be. Rejects if it was not served. */
  begin(victim: Victim): Promise<SlowClient>;
  /** The limit that disconnects it; undefined if it must be served. */
  limit: keyof Limits | undefined;
}

const STEP_MS = 400;
const RETURNS = 2;
export const LARGE_PATH = '/large';
export const LARGE_BYTES = 8 * 1024 * 1024;
const HEAD = 'Host: localhost\r\n';

export const SLOW_KINDS: readonly SlowKind[] = [
  {
    name: 'idle',
    limit: 'idle',
    begin: async (victim) => still(await open(victim)),
  },
  { name: 'stalled handshake', limit: 'handshake', begin: stallHandshake },
  slowWriter('slow headers', 'headers', [`GET / HTTP/1.1\r\n${HEAD}X-Slow: `, 'x']),
  slowWriter('slow body', 'body', [`POST / HTTP/1.1\r\n${HEAD}Content-Length: 1000000\r\n\r\n`, 'x']),
  slowWriter('slow chunks', 'body', [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
    '1\r\nx\r\n',
  ]),
  { name: 'slow read of 8 MB', limit: 'stall', begin: readNothing },
  {
    name: 'keep-alive',
    limit: 'idle',
    async begin(victim) {
      const socket = await open(victim);
      await exchange(socket);
      return still(socket);
    },
  },
  { name: 'churn', limit: undefined, begin: comeAndGo },
];

async function stallHandshake({ port }: Victim): Promise<SlowClient> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  socket.write(Buffer.from('16030102000100', 'hex'));
  return still(socket.resume());
}

/** Writes `first`, and then `more` again and again. */
function slowWriter(
  name: string,
  limit: keyof Limits,
  [first, more]: readonly [first: string, more: string],
): SlowKind {
  return {
    name,
    limit,
    async begin(victim) {
      const socket = await open(victim);
      socket.write(first);
      const timer = setInterval(() => socket.write(more), STEP_MS);
      const { over, stop } = still(socket);
      const end = () => {
        clearInterval(timer);
        stop();
      };
      return { over: over.finally(end), stop: end };
    },
  };
}

/** Requests a large answer, and reads only its beginning. */
async function readNothing(victim: Victim): Promise<SlowClient> {
  const socket = await open(victim);
  socket.pause();
  socket.write(`GET ${LARGE_PATH} HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
  await once(socket, 'readable');
  const over = victim.held.ended(socket.localPort ?? 0);
  return { over, stop: () => socket.destroy() };
}

/** A request on a new connection each time, with pauses between them. */
async function comeAndGo(victim: Victim): Promise<SlowClient> {
  const visit = async () => {
    const socket = await open(victim);
    await exchange(socket);
    socket.destroy();
  };
  await visit();
  const { pauseMs } = victim;
  const returns = async () => {
    for (let count = 0; count < RETURNS; count += 1) {
      await delay(pauseMs / 2 + randomInt(pauseMs));
      await visit();
    }
  };
  return { over: returns(), stop: () => {} };
}

function still(socket: Socket): SlowClient {
  const closed = socket.closed ? Promise.resolve() : once(socket, 'close').then(() => {});
  return { over: closed, stop: () => socket.destroy() };
}

async function open({ port, secureContext }: Victim): Promise<Socket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    secureContext,
    ALPNProtocols: ['http/1.1'],
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => socket.destroy());
  // Without a reader, the client would never notice the end of the connection.
  socket.on('end', () => socket.destroy());
  socket.resume();
  return socket;
}

/** One request and its answer, on a connection that stays open. Throws unless the answer is 200. */
async function exchange(socket: Socket): Promise<void> {
  socket.write(`GET /small HTTP/1.1\r\n${HEAD}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 200 '))
    throw new Error(`answered ${answer.subarray(0, 12)}`);
}
