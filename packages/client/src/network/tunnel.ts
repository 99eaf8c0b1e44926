// A tunnel through a proxy by CONNECT (RFC 9110 §9.3.6). Answers a 407 once, and reports a refusal in words.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ClientError } from '../errors.ts';
import type { ProxyCredentials } from './network-change.ts';

const MAX_HEAD_BYTES = 16_384;

export interface TunnelRequest {
  /** Opens a connection to the proxy. */
  open(): Promise<Socket>;
  /** `HOST:PORT` of the server. */
  authority: string;
  /** The origin of the proxy, for messages. */
  proxy: string;
  credentials: ProxyCredentials;
  signal: AbortSignal;
}

/** A connection to the server, through the proxy. Rejects with `ClientError`. */
export async function openTunnel(request: TunnelRequest): Promise<Socket> {
  const { credentials, authority } = request;
  const target = { method: 'CONNECT', uri: authority };
  const sent = credentials.authorize(target);
  const first = await connect(request, sent);
  if (first.status !== 407) return accept(first, request);
  first.socket.destroy();
  const again = credentials.accept(first.headers.get('proxy-authenticate'), sent);
  if (!again) throw refusal(first, request);
  return accept(await connect(request, credentials.authorize(target)), request);
}

interface Answer {
  status: number;
  headers: Headers;
  socket: Socket;
}

function accept(answer: Answer, request: TunnelRequest): Socket {
  if (answer.status >= 200 && answer.status < 300) return answer.socket;
  answer.socket.destroy();
  throw refusal(answer, request);
}

async function connect(request: TunnelRequest, authorization: string | undefined): Promise<Answer> {
  const socket = await request.open();
  const credentials = authorization === undefined ? '' : `Proxy-Authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${request.authority} HTTP/1.1\r\nHost: ${request.authority}\r\n${credentials}\r\n`);
  try {
    return { ...parseHead(await readHead(socket, request), request), socket };
  } catch (error) {
    socket.destroy();
    if (request.signal.aborted) throw tooLate(request.proxy);
    throw error instanceof ClientError ? error : notAProxy(request.proxy, 'it closed the connection');
  }
}

async function readHead(socket: Socket, { signal, proxy }: TunnelRequest): Promise<string> {
  let head = Buffer.alloc(0);
  while (!head.includes('\r\n\r\n')) {
    if (head.length > MAX_HEAD_BYTES) throw notAProxy(proxy, 'its answer has no end');
    const chunk: Buffer | null = socket.read();
    if (chunk !== null) head = Buffer.concat([head, chunk]);
    else if (socket.readableEnded || socket.destroyed) throw notAProxy(proxy, 'it closed the connection');
    else await once(socket, 'readable', { signal }); // also at the end
  }
  const end = head.indexOf('\r\n\r\n') + 4;
  if (end < head.length) socket.unshift(head.subarray(end));
  return head.toString('latin1', 0, end);
}

function parseHead(head: string, { proxy }: TunnelRequest): { status: number; headers: Headers } {
  const [first = '', ...lines] = head.trimEnd().split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1];
  if (status === undefined) throw notAProxy(proxy, 'its answer is not HTTP');
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = /^([^:\s]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined) headers.append(name, value ?? '');
  }
  return { status: Number(status), headers };
}

function refusal({ status, headers }: Answer, { proxy, authority, credentials }: TunnelRequest): ClientError {
  const message = proxyRefusal(status, { proxy, authority, offered: headers.get('proxy-authenticate') });
  const has = credentials.kind === undefined ? '' : ` (this client has credentials for ${credentials.kind})`;
  return new ClientError('proxy', `${message}${has}`, { cause: refusedWith(status) });
}

/** The status, for the typed error. */
export function refusedWith(status: number): Error {
  return Object.assign(new Error(`the proxy answered ${status}`), { status });
}

/** A refusal of a proxy in words. */
export function proxyRefusal(
  status: number,
  { proxy, authority, offered }: { proxy: string; authority: string; offered: string | null },
): string {
  if (status === 407 || status === 401) {
    const schemes = (offered ?? '').match(/\b(?:basic|digest|negotiate|ntlm|bearer)\b/gi) ?? [];
    const accepts = schemes.length === 0 ? '' : ` It accepts ${[...new Set(schemes)].join(' and ')}.`;
    return `the proxy ${proxy} requires other credentials (${status}): check the name and the password.${accepts}`;
  }
  if (status === 403)
    return `the proxy ${proxy} does not allow connections to ${authority} (403): see its rules`;
  return `the proxy ${proxy} did not connect to ${authority} (${status}): check that the server runs, and see the proxy's log`;
}

function tooLate(proxy: string): ClientError {
  const cause = Object.assign(new Error('it did not answer CONNECT'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
  const message = `the proxy ${proxy} did not answer in time: check its address, or raise timeouts.connectSeconds`;
  return new ClientError('timeout', message, { cause });
}

function notAProxy(proxy: string, reason: string): ClientError {
  return new ClientError('proxy', `${proxy} does not answer as a proxy, ${reason}: check its address`);
}
