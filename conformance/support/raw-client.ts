// A TLS client that writes exactly the given bytes, and returns the answer. It corrects nothing.
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { contextFor } from './https-client.ts';

export interface RawResponse {
  status: number;
  statusText: string;
  /** The header section as received, without the status line. */
  head: string;
  /** Lower-case names. A repeated field has all its values in order. */
  headers: Map<string, string[]>;
  body: Buffer;
}

export interface RawConnection {
  readonly socket: TLSSocket;
  write(data: string | Uint8Array): void;
  /** Everything received so far, as latin1. */
  received(): string;
  /** The next response, complete. `bodyless` is for answers to HEAD. Each 1xx is a response too. */
  response(options?: { bodyless?: boolean; timeoutMs?: number }): Promise<RawResponse>;
  /** Resolves when the server has ended the connection. */
  ended(timeoutMs?: number): Promise<void>;
  destroy(): void;
}

export interface RawClientOptions {
  port: number;
  ca: string;
  tls?: ConnectionOptions;
}

/** Connects to localhost; resolves when the handshake is done. */
export function connectRaw({ port, ca, tls = {} }: RawClientOptions): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ...(Object.keys(tls).length === 0 ? { secureContext: contextFor(ca) } : { ca }),
      ALPNProtocols: ['http/1.1'],
      ...tls,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(overSocket(socket));
    });
  });
}

const DEFAULT_TIMEOUT_MS = 8000;

function overSocket(socket: TLSSocket): RawConnection {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let consumed = 0;
  let ended = false;
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const end = () => {
    ended = true;
    notify();
  };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    notify();
  });
  // A reset after the answer counts as an ordinary end here.
  socket.on('error', end);
  socket.on('end', end);
  socket.on('close', end);

  function all(): Buffer {
    if (chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks, bytes));
    return chunks[0] ?? Buffer.alloc(0);
  }

  function until<T>(what: string, probe: () => T | undefined, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(check);
        reject(
          new Error(
            `no ${what} within ${timeoutMs} ms; received: ${all().toString('latin1').slice(0, 2000)}`,
          ),
        );
      }, timeoutMs);
      function check(): void {
        const value = probe();
        if (value === undefined && !(ended && what !== 'end')) return;
        watchers.delete(check);
        clearTimeout(timer);
        if (value !== undefined) resolve(value);
        else
          reject(
            new Error(
              `the connection ended before ${what}; received: ${all().toString('latin1').slice(0, 2000)}`,
            ),
          );
      }
      watchers.add(check);
      check();
    });
  }

  return {
    socket,
    write: (data) => void socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
    received: () => all().toString('latin1'),
    async response({ bodyless = false, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
      const parse = () => parseResponse(all().subarray(consumed), { bodyless, ended });
      const { response, length } = await until('response', parse, timeoutMs);
      consumed += length;
      return response;
    },
    ended: async (timeoutMs = DEFAULT_TIMEOUT_MS) => {
      await until('end', () => ended || undefined, timeoutMs);
    },
    destroy: () => socket.destroy(),
  };
}

interface Framing {
  bodyless: boolean;
  ended: boolean;
}

function parseResponse(
  data: Buffer,
  framing: Framing,
): { response: RawResponse; length: number } | undefined {
  const headEnd = data.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = data.subarray(0, headEnd).toString('latin1').split('\r\n');
  const [, status = '', statusText = ''] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(statusLine) ?? [];
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(at + 1).trim()]);
  }
  const rest = data.subarray(headEnd + 4);
  const content = bodyOf(rest, { status: Number(status), headers, framing });
  if (!content) return undefined;
  const response = {
    status: Number(status),
    statusText,
    head: lines.join('\r\n'),
    headers,
    body: content.body,
  };
  return { response, length: headEnd + 4 + content.length };
}

interface Head {
  status: number;
  headers: Map<string, string[]>;
  framing: Framing;
}

/** RFC 9112 §6.3, from the client's side. */
function bodyOf(
  rest: Buffer,
  { status, headers, framing }: Head,
): { body: Buffer; length: number } | undefined {
  if (framing.bodyless || status < 200 || status === 204 || status === 304) {
    return { body: Buffer.alloc(0), length: 0 };
  }
  if (headers.get('transfer-encoding')?.[0] === 'chunked') return chunkedBody(rest);
  const announced = headers.get('content-length')?.[0];
  if (announced !== undefined) {
    const length = Number(announced);
    return rest.length < length ? undefined : { body: rest.subarray(0, length), length };
  }
  return framing.ended ? { body: rest, length: rest.length } : undefined;
}

function chunkedBody(rest: Buffer): { body: Buffer; length: number } | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    const end = lineEnd + 2 + size + 2;
    if (rest.length < end) return undefined;
    parts.push(rest.subarray(lineEnd + 2, end - 2));
    at = end;
    if (size === 0) return { body: Buffer.concat(parts), length: at };
  }
}
