// Answers of the gateway itself: problems (RFC 9457), on the response of a request or, if there is none, on
// the bare socket.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '@gatehouse/access';
import { PROBLEM_MEDIA_TYPE } from '@gatehouse/access';
import { endInStages } from './connection.ts';

/** The challenge of a 401 (RFC 9110 §11.6.1). */
type Challenge = string | undefined;

/** `last`: the connection closes after the answer. It also closes when the request's body is incomplete. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  { problem, last, challenge }: { problem: Problem; last: boolean; challenge: Challenge },
): void {
  const body = Buffer.from(JSON.stringify(problem));
  const fields = problemFields(problem, { contentLength: body.length, challenge });
  const bodyAwaited = !request.complete && announcesBody(request);
  if (last || bodyAwaited) fields.push('Connection', 'close');
  response.writeHead(problem.status, STATUS_CODES[problem.status], fields);
  response.end(body);
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Answers where Node made no response object: after a parse error and on an upgrade. */
export function writeProblem(socket: Duplex, problem: Problem, challenge?: Challenge): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(problem));
  const fields = [
    ...problemFields(problem, { contentLength: body.length, challenge }),
    'Connection',
    'close',
  ];
  socket.write(responseHead(problem.status, STATUS_CODES[problem.status] ?? '', fields), 'latin1');
  socket.write(body);
  endInStages(socket);
}

export function responseHead(status: number, statusText: string, fields: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (let index = 0; index < fields.length; index += 2) head += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return `${head}\r\n`;
}

function problemFields(
  problem: Problem,
  { contentLength, challenge }: { contentLength: number; challenge: Challenge },
): string[] {
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
  if (challenge !== undefined) fields.push('WWW-Authenticate', challenge);
  if (problem.allow) fields.push('Allow', problem.allow.join(', '));
  if (problem.status === 503) fields.push('Retry-After', '1');
  return fields;
}
