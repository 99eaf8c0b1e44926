// One open HTTP/1.1 connection (RFC 9112): plain, over TLS 1.3 or over a Unix socket, for loads that wrk
// cannot make. It needs far less processor time than node:http, so more is left for the measured program. A
// connection that the server closed is opened again.
import type { Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface TcpOrigin {
  /** In the form of URLs and the Host field. */
  host: string;
  port: number;
  /** PEM. If given, the connection uses TLS. */
  root?: string;
  /** The source address of the connection. */
  localAddress?: string;
}

export type Origin = TcpOrigin | { socketPath: string };

export interface Message {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  target: string;
  /** Header lines, each with its CRLF; Host and Content-Length are added. */
  fields?: string;
  body?: Uint8Array | string;
}

export interface HttpAnswer {
  status: number;
  /** By lower-case name. Of repeated fields, the last one. */
  headers: ReadonlyMap<string, string>;
  body: Buffer;
  /** Whether the connection stays open (RFC 9112 §9.3). */
  isKept: boolean;
}

export interface HttpConnection {
  /**
   * One after another: start a second exchange only after the first has resolved. Rejects if the connection
   * fails.
   */
  exchange(message: Message): Promise<HttpAnswer>;
  close(): void;
}

const SILENCE_MS = 20_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** The first exchange opens the connection. It is closed if nothing is received for `silenceMs`. */
export function createHttpConnection(origin: Origin, silenceMs = SILENCE_MS): HttpConnection {
  let socket: Socket | undefined;

  function opened(): Socket {
    if (socket && !socket.destroyed && socket.writable) return socket;
    socket = open(origin, silenceMs);
    return socket;
  }

  return {
    exchange(message) {
      const current = opened();
      return new Promise((resolve, reject) => {
        let received: Buffer = Buffer.alloc(0);
        const finish = () => {
          current.off('data', read).off('close', ended).off('error', fail);
        };
        const fail = (error: Error) => {
          finish();
          current.destroy();
          reject(error);
        };
        const settle = (answer: HttpAnswer) => {
          finish();
          if (!answer.isKept) current.destroy();
          resolve(answer);
        };
        const read = (chunk: Buffer) => {
          received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
          const answer = attempt(() => readAnswer(received, { ended: false, message }), fail);
          if (answer) settle(answer);
        };
        const ended = () => {
          const answer = attempt(() => readAnswer(received, { ended: true, message }), fail);
          if (answer) settle(answer);
          else fail(new Error('the connection was closed before the whole answer'));
        };
        current.on('data', read).on('close', ended).on('error', fail);
        send(current, message, origin);
      });
    },
    close: () => socket?.destroy(),
  };
}

function open(origin: Origin, silenceMs: number): Socket {
  const socket = connect(origin);
  socket.setNoDelay(true);
  socket.setTimeout(silenceMs, () =>
    socket.destroy(new Error(`no answer within ${silenceMs / 1000} seconds`)),
  );
  // Between two exchanges there is no other listener; the next exchange opens a new connection.
  socket.on('error', () => socket.destroy());
  return socket;
}

function connect(origin: Origin): Socket {
  if ('socketPath' in origin) return connectPlain({ path: origin.socketPath });
  const { host, port, root, localAddress } = origin;
  const address = { host: '127.0.0.1', port, ...(localAddress !== undefined && { localAddress }) };
  if (root === undefined) return connectPlain(address);
  return connectTls({ ...address, ca: root, servername: host, minVersion: 'TLSv1.3' });
}

function send(socket: Socket, { method, target, fields = '', body }: Message, origin: Origin): void {
  const host = 'socketPath' in origin ? 'localhost' : `${origin.host}:${origin.port}`;
  const length = body === undefined ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${length}${fields}\r\n`;
  if (body === undefined || typeof body === 'string') socket.write(head + (body ?? ''));
  else socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

/** The answer, if it is complete. Throws if it is not HTTP. */
function readAnswer(
  octets: Buffer,
  { ended, message }: { ended: boolean; message: Message },
): HttpAnswer | undefined {
  const headEnd = octets.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = octets.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`not an HTTP answer: ${statusLine.slice(0, 80)}`);
  const headers = new Map(lines.map(headerField));
  const rest = octets.subarray(headEnd + HEAD_END.length);
  const body = message.method === 'HEAD' || status === 204 ? Buffer.alloc(0) : readBody(rest, headers, ended);
  return body && { status, headers, body, isKept: keepsConnection(statusLine, headers) };
}

function keepsConnection(statusLine: string, headers: ReadonlyMap<string, string>): boolean {
  const option = headers.get('connection')?.toLowerCase();
  return statusLine.startsWith('HTTP/1.1') ? option !== 'close' : option === 'keep-alive';
}

function headerField(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function readBody(rest: Buffer, headers: ReadonlyMap<string, string>, ended: boolean): Buffer | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(rest);
  const length = headers.get('content-length');
  if (length === undefined) return ended ? rest : undefined;
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length));
}

/** RFC 9112 §7.1, without trailers. */
function readChunks(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', offset);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.toString('latin1', offset, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('a chunk has no size');
    const start = lineEnd + 2;
    if (rest.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(rest.subarray(start, start + size));
    offset = start + size + 2;
  }
}

function attempt<T>(act: () => T, fail: (error: Error) => void): T | undefined {
  try {
    return act();
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}
