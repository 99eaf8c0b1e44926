// The kinds of slow clients. Each opens one connection, does as little as it can, and learns when the gateway cuts
// it off.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Victim {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
}

/** A connection of a slow client that has begun. */
export interface SlowClient {
  socket: Socket;
  /** Ends whatever it repeats. */
  stop(): void;
  /** Asked after the connection has closed: whether the gateway did it early. Default: yes. */
  wasCut?(): boolean;
}

export interface SlowKind {
  name: string;
  /** Resolves when the client is as slow as it will be. */
  begin(victim: Victim): Promise<SlowClient>;
  /** Whether the gateway must cut it off. Others must be served. */
  isCut: boolean;
}

const STEP_MS = 400;
const READS_AFTER_MS = 5000;
export const LARGE_PATH = '/large';
export const LARGE_BYTES = 8 * 1024 * 1024;
const HEAD = 'Host: localhost\r\n';

export const SLOW_KINDS: readonly SlowKind[] = [
  {
    name: 'idle',
    isCut: true,
    begin: async (victim) => still(await open(victim)),
  },
  {
    name: 'stalled handshake',
    isCut: true,
    async begin({ port }) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      socket.write(Buffer.from('16030102000100', 'hex'));
      return still(socket);
    },
  },
  slowWriter('slow headers', `GET / HTTP/1.1\r\n${HEAD}X-Slow: `, 'x'),
  slowWriter('slow body', `POST / HTTP/1.1\r\n${HEAD}Content-Length: 1000000\r\n\r\n`, 'x'),
  slowWriter('slow chunks', `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
  {
    name: 'slow read of 8 MB',
    isCut: true,
    async begin(victim) {
      const socket = await open(victim);
      socket.pause();
      socket.write(`GET ${LARGE_PATH} HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`);
      return lateReader(socket);
    },
  },
  {
    name: 'keep-alive',
    isCut: true,
    async begin(victim) {
      const socket = await open(victim);
      await exchange(socket);
      return still(socket);
    },
  },
  {
    name: 'churn',
    isCut: false,
    async begin(victim) {
      const socket = await open(victim);
      await exchange(socket);
      socket.destroy();
      return still(socket);
    },
  },
];

/** Writes `first`, and then `more` again and again. */
function slowWriter(name: string, first: string, more: string): SlowKind {
  return {
    name,
    isCut: true,
    async begin(victim) {
      const socket = await open(victim);
      socket.write(first);
      const timer = setInterval(() => socket.write(more), STEP_MS);
      return { socket, stop: () => clearInterval(timer) };
    },
  };
}

/**
 * Only a client that reads learns that it was cut off. This one reads when that must have happened, counted from
 * the beginning of the answer.
 */
function lateReader(socket: Socket): SlowClient {
  let received = 0;
  let timer: NodeJS.Timeout | undefined;
  socket.once('readable', () => {
    timer = setTimeout(() => {
      socket.on('data', ({ length }: Buffer) => {
        received += length;
      });
      socket.resume();
    }, READS_AFTER_MS);
  });
  return { socket, stop: () => clearTimeout(timer), wasCut: () => received < LARGE_BYTES };
}

function still(socket: Socket): SlowClient {
  return { socket, stop: () => {} };
}

async function open({ port, ca }: Victim): Promise<Socket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca,
    ALPNProtocols: ['http/1.1'],
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => socket.destroy());
  // Without a reader, the end of the connection would never be seen.
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
