// An upstream that records the octets of every request. It reads them by the strictest rules, so that it also
// notices requests that are not exactly one message each.
import type { Socket } from 'node:net';
import { startTcpServer } from './tcp-server.ts';

export interface ForwardedRequest {
  /** The request line. */
  line: string;
  /** Lower-case names. A repeated field has all its values in order. */
  fields: Map<string, string[]>;
  body: string;
  trailers: Map<string, string[]>;
}

export interface Recorder {
  origin: string;
  requests: readonly ForwardedRequest[];
  /** Descriptions of all octets that were no complete valid request. */
  faults: readonly string[];
  /** The requests with `mark` in the request line, the fields or the body. */
  containing(mark: string): ForwardedRequest[];
  close(): Promise<void>;
}

/** Answers every request with 200 and its request line. */
export async function startRecorder(): Promise<Recorder> {
  const requests: ForwardedRequest[] = [];
  const faults: string[] = [];
  const server = await startTcpServer((socket) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      try {
        for (let message = readRequest(received); message; message = readRequest(received)) {
          received = received.slice(message.length);
          requests.push(message.request);
          answer(socket, message.request.line);
        }
      } catch (error) {
        faults.push(
          `${error instanceof Error ? error.message : error} in ${JSON.stringify(received.slice(0, 500))}`,
        );
        socket.destroy();
      }
    });
  });
  return {
    origin: server.origin,
    requests,
    faults,
    containing: (mark) =>
      requests.filter(({ line, fields, body }) =>
        [line, body, ...[...fields.values()].flat()].some((text) => text.includes(mark)),
      ),
    close: server.close,
  };
}

function answer(socket: Socket, line: string): void {
  const body = line.startsWith('HEAD ') ? '' : line;
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${line.length}\r\n\r\n${body}`, 'latin1');
}

interface Message {
  request: ForwardedRequest;
  /** Octets of the whole message. */
  length: number;
}

/** The first request in `octets`, or undefined if it is not complete. Throws if it is invalid. */
function readRequest(octets: string): Message | undefined {
  const headEnd = octets.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [line = '', ...lines] = octets.slice(0, headEnd).split('\r\n');
  if (!/^[A-Z-]+ [!-~]+ HTTP\/1\.1$/.test(line)) throw new Error('an invalid request line');
  const fields = readFields(lines);
  if (fields.get('host')?.length !== 1) throw new Error('not one Host');
  const content = readBody(octets.slice(headEnd + 4), fields);
  if (!content) return undefined;
  const { body, trailers } = content;
  return { request: { line, fields, body, trailers }, length: headEnd + 4 + content.length };
}

function readFields(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name = '', value = ''] =
      /^([!#$%&'*+.^_`|~0-9a-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/i.exec(line) ?? [];
    if (name === '') throw new Error('an invalid field');
    const known = fields.get(name.toLowerCase()) ?? [];
    fields.set(name.toLowerCase(), [...known, value]);
  }
  return fields;
}

interface Content {
  body: string;
  trailers: Map<string, string[]>;
  /** Octets with the framing. */
  length: number;
}

function readBody(octets: string, fields: Map<string, string[]>): Content | undefined {
  const lengths = fields.get('content-length');
  const codings = fields.get('transfer-encoding');
  if (lengths && codings) throw new Error('both Content-Length and Transfer-Encoding');
  if (codings) {
    if (codings.join() !== 'chunked') throw new Error('a transfer coding other than chunked');
    return readChunks(octets);
  }
  if (lengths && !/^\d{1,15}$/.test(lengths.join())) throw new Error('an invalid Content-Length');
  const length = Number(lengths?.[0] ?? 0);
  return octets.length < length ? undefined : { body: octets.slice(0, length), trailers: new Map(), length };
}

/** Chunks without extensions: the gateway does not forward them. */
function readChunks(octets: string): Content | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = octets.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const sizeText = octets.slice(at, lineEnd);
    if (!/^[0-9a-f]{1,8}$/i.test(sizeText)) throw new Error('an invalid chunk size');
    const size = Number.parseInt(sizeText, 16);
    if (size === 0) return readTrailers(octets, { body, at: lineEnd });
    const dataEnd = lineEnd + 2 + size;
    if (octets.length < dataEnd + 2) return undefined;
    if (octets.slice(dataEnd, dataEnd + 2) !== '\r\n') throw new Error('a chunk without CRLF');
    body += octets.slice(lineEnd + 2, dataEnd);
    at = dataEnd + 2;
  }
}

/** `at` is the end of the line of the last chunk. */
function readTrailers(octets: string, { body, at }: { body: string; at: number }): Content | undefined {
  const end = octets.indexOf('\r\n\r\n', at);
  if (end < 0) return undefined;
  const lines = octets.slice(at + 2, end + 2).split('\r\n');
  return { body, trailers: readFields(lines.slice(0, -1)), length: end + 4 };
}
