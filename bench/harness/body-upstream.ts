// The upstream of large bodies, a separate process: `GET` returns 100 MB. `POST` reads a whole body and
// answers with its number of octets. With `?hash`, the answer also has the SHA-256.
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { RunningProgram } from './running-program.ts';
import { startProgram } from './running-program.ts';

export const BODY_BYTES = 100_000_000;
/**
 * A body repeats this. The length is not a power of two, so that a lost or repeated piece changes the hash.
 */
export const PIECE = Buffer.from(
  Array.from({ length: 500_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);

const FILE = fileURLToPath(import.meta.url);

export function startBodyUpstream(port: number, stack: AsyncDisposableStack): RunningProgram {
  return startProgram({ command: process.execPath, args: [FILE, String(port)] }, stack);
}

if (process.argv[1] === FILE) serve(Number(process.argv[2]));

function serve(port: number): void {
  createServer((request, response) => {
    if (request.method === 'POST') take(request, response);
    else give(response);
  }).listen({ host: '127.0.0.1', port });
}

function give(response: ServerResponse): void {
  response.setHeader('Content-Length', BODY_BYTES);
  let left = BODY_BYTES;
  const write = () => {
    while (left > 0) {
      left -= PIECE.length;
      if (!response.write(PIECE)) break;
    }
    if (left <= 0) response.end();
  };
  response.on('drain', write);
  write();
}

function take(request: IncomingMessage, response: ServerResponse): void {
  const hash: Hash | undefined = request.url?.endsWith('?hash') ? createHash('sha256') : undefined;
  let octets = 0;
  request.on('data', (chunk: Buffer) => {
    octets += chunk.length;
    hash?.update(chunk);
  });
  request.on('end', () => response.end(`${octets} ${hash?.digest('hex') ?? ''}`.trim()));
}
