// Transfers bodies of 100 MB over open TLS connections, and checks them. A failed connection is a failed
// transfer.
import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { BODY_BYTES, PIECE } from './body-upstream.ts';
import type { Target } from './same-answer.ts';
import { CLIENT_TLS, otherThanOffered } from './tls-files.ts';

export type Direction = 'down' | 'up';

/** Transfers one body after another. */
export interface BodyClient {
  /** Rejects unless all octets arrived. */
  transfer(direction: Direction): Promise<void>;
  /** Rejects unless the octets are the same, in both directions. */
  check(): Promise<void>;
  close(): void;
}

const SILENCE_MS = 20_000;

export function createBodyClient({ port, root }: Target): BodyClient {
  const agent = new Agent({ keepAlive: true });

  function call(
    method: 'GET' | 'POST',
    path: string,
  ): { call: ClientRequest; answer: Promise<IncomingMessage> } {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = method === 'POST' ? { 'Content-Length': BODY_BYTES } : {};
    const where = {
      host: '127.0.0.1',
      port,
      path,
      method,
      headers,
      ca: root,
      ...CLIENT_TLS,
    } as const;
    const own = request({ ...where, agent, timeout: SILENCE_MS }, resolve);
    own.on('error', reject);
    own.on('socket', (socket: TLSSocket) => socket.once('secureConnect', () => requireOffered(socket)));
    own.on('timeout', () => own.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} seconds`)));
    return { call: own, answer: promise };
  }

  async function download(each: (chunk: Buffer) => void): Promise<void> {
    const { call: own, answer } = call('GET', '/');
    own.end();
    let octets = 0;
    for await (const chunk of (await answer) as AsyncIterable<Buffer>) {
      octets += chunk.length;
      each(chunk);
    }
    requireSame(octets, BODY_BYTES);
  }

  async function upload(path: string): Promise<string> {
    const { call: own, answer } = call('POST', path);
    writeBody(own);
    return text(await answer);
  }

  return {
    async transfer(direction) {
      if (direction === 'down') await download(() => {});
      else requireSame(await upload('/'), String(BODY_BYTES));
    },
    async check() {
      const expected = hashOfBody();
      const hash = createHash('sha256');
      await download((chunk) => hash.update(chunk));
      requireSame(hash.digest('hex'), expected);
      requireSame(await upload('/?hash'), `${BODY_BYTES} ${expected}`);
    },
    close: () => agent.destroy(),
  };
}

/** An open socket was checked when it was new. */
function requireOffered(socket: TLSSocket): void {
  const found = otherThanOffered(socket);
  if (found !== undefined) socket.destroy(new Error(found));
}

function hashOfBody(): string {
  const hash = createHash('sha256');
  for (let octets = 0; octets < BODY_BYTES; octets += PIECE.length) hash.update(PIECE);
  return hash.digest('hex');
}

function writeBody(call: ClientRequest): void {
  let left = BODY_BYTES;
  const write = () => {
    while (left > 0) {
      left -= PIECE.length;
      if (!call.write(PIECE)) break;
    }
    if (left <= 0) call.end();
  };
  call.on('drain', write);
  write();
}

function requireSame(found: number | string, expected: number | string): void {
  if (found !== expected) throw new Error(`expected ${expected}, and ${found} came through`);
}
