// One HTTP request over TCP, TLS or a Unix socket, and its whole answer.
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Outgoing {
  url?: string;
  socketPath?: string;
  /** With `socketPath`. */
  path?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  /** Text and bytes are sent unchanged, anything else as JSON. */
  body?: unknown;
  /** The PEM certificate to trust. */
  ca?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The text as JSON; throws if it is not JSON. */
  json<T = Record<string, unknown>>(): T;
}

export async function send({ url, body, ca, headers = {}, ...options }: Outgoing): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const content = raw ? body : JSON.stringify(body);
  const type: Record<string, string> = raw ? {} : { 'content-type': 'application/json' };
  const settings = { ...options, headers: { ...type, ...headers }, agent: false as const };
  const asked = url?.startsWith('https:')
    ? httpsRequest(url, { ...settings, ca })
    : httpRequest(url ?? 'http://localhost', settings);
  asked.end(content);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const received = await text(answer);
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: received,
    json: () => JSON.parse(received),
  };
}
