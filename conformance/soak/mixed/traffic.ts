// The kinds of traffic of a long run, and how often each occurs. In a thousand requests: 900 small ones on
// kept connections, 40 on a new connection, 20 that the client resets, 20 uploads and 20 downloads. In
// addition, requests that are refused, and handshakes that fail.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Client, Connector, Gateway } from './client.ts';
import { BAD, BROKEN_UPLOAD, CHUNKED_UPLOAD, DOWNLOAD, LATE, SMALL, UPLOAD } from './requests.ts';

/** The kinds of requests that are counted. */
export const COUNTED = ['kept', 'single', 'reset', 'upload', 'download', 'refused'] as const;
export type Counted = (typeof COUNTED)[number];

export interface Place {
  gateway: Gateway;
  connector: Connector;
  /** Counts a request that was answered or reset correctly. */
  count(kind: Counted): void;
}

export interface Traffic {
  name: string;
  /** Its frequency, relative to the others. */
  weight: number;
  /** Throws if an answer is wrong. */
  run(place: Place): Promise<void>;
}

/** Requests on a kept connection: 180 small ones, 4 uploads and 4 downloads on average. */
const KEPT_REQUESTS = 188;
const BODIES_IN_KEPT = 8;
const RESET_WAIT_MS = 20;

const TRAFFIC: readonly Traffic[] = [
  { name: 'keep-alive', weight: 3, run: keptConnection },
  { name: 'one connection a request', weight: 12, run: (place) => single(place, place.connector.open) },
  { name: 'a resumed session a request', weight: 12, run: (place) => single(place, place.connector.resume) },
  { name: 'resets before the answer', weight: 4, run: (place) => reset(place, LATE, 1) },
  { name: 'resets in a download', weight: 4, run: (place) => reset(place, DOWNLOAD, RESET_WAIT_MS) },
  { name: 'resets in an upload', weight: 4, run: (place) => reset(place, BROKEN_UPLOAD, 1) },
  { name: 'refused requests', weight: 1, run: refused },
  { name: 'handshakes of clients that do not trust us', weight: 0.5, run: distrust },
  { name: 'handshakes with an old version', weight: 0.5, run: oldVersion },
  { name: 'octets that are not TLS', weight: 0.5, run: (place) => broken(place, 'GET / HTTP/1.1\r\n\r\n') },
  { name: 'half a ClientHello', weight: 0.5, run: (place) => broken(place, '\x16\x03\x01\x02\x00\x01\x00') },
];

/** Chooses by weight. `place` is a number from 0 to below 1. */
export function chooseTraffic(place = Math.random()): Traffic {
  let rest = place * TRAFFIC.reduce((sum, { weight }) => sum + weight, 0);
  for (const traffic of TRAFFIC) {
    rest -= traffic.weight;
    if (rest < 0) return traffic;
  }
  throw new TypeError('the weights do not add up');
}

async function keptConnection({ connector, count }: Place): Promise<void> {
  await using(await connector.open(), async (client) => {
    for (let made = 0; made < KEPT_REQUESTS; made += 1) {
      if (randomInt(KEPT_REQUESTS) >= BODIES_IN_KEPT) {
        await expect(client, SMALL, 200);
        count('kept');
      } else if (randomInt(2) === 0) {
        await expect(client, randomInt(2) === 0 ? UPLOAD : CHUNKED_UPLOAD, 200);
        count('upload');
      } else {
        await expect(client, DOWNLOAD, 200);
        count('download');
      }
    }
  });
}

async function single({ count }: Place, open: () => Promise<Client>): Promise<void> {
  await using(await open(), async (client) => {
    await expect(client, SMALL, 200);
    count('single');
  });
}

async function refused({ connector, count }: Place): Promise<void> {
  await using(await connector.open(), async (client) => {
    await expect(client, BAD, 400);
    count('refused');
  });
}

/** Begins a request and resets the connection when the answer begins, or some milliseconds later. */
async function reset({ connector, count }: Place, request: Buffer, waitMs: number): Promise<void> {
  const client = await connector.open();
  await client.begin(request, 1 + randomInt(waitMs));
  client.reset();
  count('reset');
}

async function using(client: Client, act: (client: Client) => Promise<void>): Promise<void> {
  try {
    await act(client);
  } finally {
    client.close();
  }
}

async function expect(client: Client, request: Buffer, wanted: number): Promise<void> {
  const status = await client.exchange(request);
  if (status !== wanted) throw new Error(`answered ${status} instead of ${wanted}`);
}

async function distrust({ gateway: { port } }: Place): Promise<void> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: [] });
  await once(socket, 'error');
  socket.destroy();
}

async function oldVersion({ gateway: { port, ca } }: Place): Promise<void> {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const socket = connectTls({ host: '127.0.0.1', port, ca, ...old });
  await once(socket, 'error');
  socket.destroy();
}

async function broken({ gateway: { port } }: Place, octets: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(octets, 'latin1');
  await new Promise((resolve) => setTimeout(resolve, randomInt(RESET_WAIT_MS)));
  socket.destroy();
}
