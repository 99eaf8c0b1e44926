// Upstreams of the tests: one that records its requests, and one that answers with any bytes.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { createServer as createNetServer } from 'node:net';

export interface RecordedRequest {
  method: string;
  url: string;
  rawHeaders: string[];
  headers: IncomingMessage['headers'];
  /** The part of the body that has arrived so far. */
  body: Buffer;
  complete: boolean;
  aborted: boolean;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, recorded: RecordedRequest) => void;

export interface RecordingUpstream {
  origin: string;
  server: Server;
  requests: RecordedRequest[];
  /** Answers requests for `path`, with any query, with `handler`. */
  on(path: string, handler: Handler): void;
  /** The requests whose target contains `marker`. */
  saw(marker: string): RecordedRequest[];
  close(): Promise<void>;
}

const RECORDED_BODY_BYTES = 1024 * 1024;

/** By default, it answers 200 with the request's target as text when the body has arrived. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = [];
  const handlers = new Map<string, Handler>();
  const server = createServer((request, response) => {
    const recorded = record(request);
    requests.push(recorded);
    const handler = handlers.get(request.url?.split('?')[0] ?? '') ?? answerPlainly;
    handler(request, response, recorded);
  });
  const port = await listening(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    server,
    requests,
    on: (path, handler) => void handlers.set(path, handler),
    saw: (marker) => requests.filter(({ url }) => url.includes(marker)),
    close: () => closed(server),
  };
}

function record(request: IncomingMessage): RecordedRequest {
  const { method = '', url = '', rawHeaders, headers } = request;
  const recorded = {
    method,
    url,
    rawHeaders,
    headers,
    body: Buffer.alloc(0),
    complete: false,
    aborted: false,
  };
  request.on('data', (chunk: Buffer) => {
    if (recorded.body.length < RECORDED_BODY_BYTES) recorded.body = Buffer.concat([recorded.body, chunk]);
  });
  request.on('end', () => {
    recorded.complete = true;
  });
  request.on('close', () => {
    recorded.aborted = !request.complete;
  });
  // Many tests have clients that leave early.
  request.on('error', () => {});
  return recorded;
}

function answerPlainly(request: IncomingMessage, response: ServerResponse): void {
  request.on('end', () => {
    response.setHeader('content-type', 'text/plain');
    response.end(`reached ${request.method} ${request.url}`);
  });
}

export interface RawUpstream {
  origin: string;
  /** Connections so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Passes each request head to `answer`, with the socket for the answer. */
export async function startRawUpstream(answer: (head: string, socket: Socket) => void): Promise<RawUpstream> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let at = text.indexOf('\r\n\r\n'); at >= 0; at = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, at);
        text = text.slice(at + 4);
        answer(head, socket);
      }
    });
  });
  const port = await listening(server);
  return {
    origin: `http://127.0.0.1:${port}`,
    connections: () => connections,
    close() {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

function listening(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closed(server: NetServer | Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}
