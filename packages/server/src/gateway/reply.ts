// Answers of the gateway itself: problems (RFC 9457), on a request's response or, where there is none, on the bare socket.
// A request whose body is still coming is answered first and read to its end, within bounds, before the connection closes:
// closing at once would reset it and take the answer with it (RFC 9112 §9.6).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../platform/problem.ts';
import { challengeFor, PROBLEM_MEDIA_TYPE } from '../platform/problem.ts';

const LINGER_MS = 5000;

export function sendProblem(request: IncomingMessage, response: ServerResponse, problem: Problem): void {
  const body = Buffer.from(JSON.stringify(problem));
  const fields = problemFields(problem, body.length);
  const bodyAwaited = !request.complete && announcesBody(request);
  if (bodyAwaited) fields.push('Connection', 'close');
  response.writeHead(problem.status, fields);
  if (!bodyAwaited) {
    response.end(body);
    return;
  }
  response.write(body);
  drainRequest(request, () => response.end());
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Reads and drops what is left of the request, for a while, then calls `done`. */
export function drainRequest(request: IncomingMessage, done: () => void): void {
  const timer = setTimeout(finish, LINGER_MS);
  function finish(): void {
    clearTimeout(timer);
    request.off('end', finish);
    request.off('close', finish);
    done();
  }
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}

/** Answers where Node made no response object: after a parse error and on an upgrade. */
export function writeProblem(socket: Duplex, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(problem));
  const fields = [...problemFields(problem, body.length), 'Connection', 'close'];
  socket.end(
    Buffer.concat([
      Buffer.from(responseHead(problem.status, STATUS_CODES[problem.status] ?? '', fields)),
      body,
    ]),
  );
  // Whoever sent this may be sending more; it is read away for a moment so that the answer arrives, then the line is cut.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

export function responseHead(status: number, statusText: string, fields: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (let index = 0; index < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return `${head}\r\n`;
}

function problemFields(problem: Problem, contentLength: number): string[] {
  const fields = [
    'Content-Type',
    PROBLEM_MEDIA_TYPE,
    'Content-Length',
    String(contentLength),
    'Cache-Control',
    'no-store',
    'Date',
    new Date().toUTCString(),
    'X-Request-Id',
    problem.request_id,
  ];
  if (problem.status === 401) fields.push('WWW-Authenticate', challengeFor(problem));
  if (problem.status === 503) fields.push('Retry-After', '1');
  return fields;
}
