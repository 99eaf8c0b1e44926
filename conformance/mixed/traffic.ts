// The kinds of traffic of a long run: requests that must be answered, and clients that break off or cannot shake
// hands. Each returns how many requests were answered as they must be.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Gateway {
  port: number;
  /** PEM of the root certificate. */
  ca: string;
}

export interface Traffic {
  name: string;
  /** How often it is chosen, relative to the others. */
  weight: number;
  /** Throws if an answer is wrong. */
  run(gateway: Gateway): Promise<number>;
}

export const DOWNLOAD_BYTES = 512 * 1024;
const UPLOAD = Buffer.alloc(256 * 1024, 'x');
const KEPT_REQUESTS = 100;
const FIELDS = 'Host: localhost\r\n';
const SMALL = `GET /small HTTP/1.1\r\n${FIELDS}\r\n`;
const DOWNLOAD = `GET /download HTTP/1.1\r\n${FIELDS}\r\n`;
const TIMEOUT_MS = 30_000;

const TRAFFIC: readonly Traffic[] = [
  {
    name: 'keep-alive',
    weight: 20,
    run: (gateway) =>
      onConnection(gateway, async (socket) => {
        for (let count = 0; count < KEPT_REQUESTS; count += 1) await exchange(socket, [SMALL]);
        return KEPT_REQUESTS;
      }),
  },
  {
    name: 'one connection a request',
    weight: 40,
    run: (gateway) => onConnection(gateway, async (socket) => exchange(socket, [SMALL])),
  },
  {
    name: 'uploads',
    weight: 10,
    run: (gateway) =>
      onConnection(gateway, async (socket) => {
        const head = `POST /upload HTTP/1.1\r\n${FIELDS}`;
        await exchange(socket, [`${head}Content-Length: ${UPLOAD.length}\r\n\r\n`, UPLOAD]);
        const size = UPLOAD.length.toString(16);
        await exchange(socket, [
          `${head}Transfer-Encoding: chunked\r\n\r\n${size}\r\n`,
          UPLOAD,
          '\r\n0\r\n\r\n',
        ]);
        return 2;
      }),
  },
  {
    name: 'downloads',
    weight: 10,
    run: (gateway) => onConnection(gateway, async (socket) => exchange(socket, [DOWNLOAD])),
  },
  {
    name: 'refused requests',
    weight: 10,
    run: (gateway) =>
      onConnection(gateway, async (socket) => {
        socket.write(`GET /x HTTP/1.1\r\n${FIELDS}${FIELDS}\r\n`);
        const answer = await readAnswer(socket);
        if (!answer.startsWith('HTTP/1.1 400 ')) throw new Error(`a bad request got ${answer.slice(0, 30)}`);
        return 1;
      }),
  },
  { name: 'resets before the answer', weight: 10, run: (gateway) => resetAfter(gateway, 'GET /waiting', 1) },
  { name: 'resets in a download', weight: 10, run: (gateway) => resetAfter(gateway, 'GET /download', 20) },
  { name: 'resets in an upload', weight: 10, run: (gateway) => resetAfter(gateway, 'POST /upload', 5) },
  {
    name: 'handshakes of clients that do not trust us',
    weight: 10,
    async run({ port }) {
      const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: [] });
      await once(socket, 'error');
      socket.destroy();
      return 0;
    },
  },
  {
    name: 'handshakes with an old version',
    weight: 5,
    async run({ port, ca }) {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const socket = connectTls({
        host: '127.0.0.1',
        port,
        ca,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
        ciphers,
      });
      await once(socket, 'error');
      socket.destroy();
      return 0;
    },
  },
  {
    name: 'octets that are not TLS',
    weight: 5,
    run: (gateway) => brokenHandshake(gateway, 'GET / HTTP/1.1\r\n\r\n'),
  },
  {
    name: 'half a ClientHello',
    weight: 5,
    run: (gateway) => brokenHandshake(gateway, '\x16\x03\x01\x02\x00\x01\x00'),
  },
];

/** Chooses by weight. */
export function chooseTraffic(): Traffic {
  const total = TRAFFIC.reduce((sum, { weight }) => sum + weight, 0);
  let place = randomInt(total);
  for (const traffic of TRAFFIC) {
    place -= traffic.weight;
    if (place < 0) return traffic;
  }
  throw new TypeError('the weights do not add up');
}

async function onConnection(
  { port, ca }: Gateway,
  act: (socket: Socket) => Promise<number>,
): Promise<number> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca });
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the gateway was silent')));
  try {
    await once(socket, 'secureConnect');
    return await act(socket);
  } finally {
    socket.destroy();
  }
}

async function exchange(socket: Socket, parts: readonly (string | Buffer)[]): Promise<number> {
  for (const part of parts) socket.write(part);
  const answer = await readAnswer(socket);
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(`answered ${answer.slice(0, 30)}`);
  return 1;
}

/** The head of the next answer, when its body has come. */
function readAnswer(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = '';
    let wanted = Number.POSITIVE_INFINITY;
    let received = 0;
    const done = (act: () => void) => {
      socket.off('data', read).off('close', ended).off('error', failed);
      act();
    };
    const failed = (error: Error) => done(() => reject(error));
    const ended = () => done(() => reject(new Error('the connection ended before the answer')));
    function read(chunk: Buffer): void {
      received += chunk.length;
      if (wanted === Number.POSITIVE_INFINITY) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        wanted = end + 4 + Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
        head = head.slice(0, end);
      }
      if (received >= wanted) done(() => resolve(head));
      else if (Number.isNaN(wanted)) failed(new Error(`an answer without a length: ${head}`));
    }
    socket.on('data', read).on('close', ended).on('error', failed);
  });
}

/** Begins a request and resets the connection some milliseconds later. */
async function resetAfter({ port, ca }: Gateway, line: string, waitMs: number): Promise<number> {
  const plain = connect({ host: '127.0.0.1', port });
  const socket = connectTls({ socket: plain, servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  const length = line.startsWith('POST') ? 'Content-Length: 1000000\r\n' : '';
  socket.write(`${line} HTTP/1.1\r\n${FIELDS}${length}\r\n`);
  if (length !== '') socket.write(UPLOAD);
  await new Promise((resolve) => setTimeout(resolve, randomInt(waitMs + 1)));
  plain.resetAndDestroy();
  socket.destroy();
  return 0;
}

async function brokenHandshake({ port }: Gateway, octets: string): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(octets, 'latin1');
  await new Promise((resolve) => setTimeout(resolve, randomInt(20)));
  socket.destroy();
  return 0;
}
