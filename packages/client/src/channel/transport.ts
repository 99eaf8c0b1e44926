// How the channel sends requests: by a client, or by any function like `fetch`. Answers are JSON objects of a
// limited size.
import type { Client } from '../client.ts';
import { ClientError } from '../errors.ts';

/** How requests are sent: by a client, or by any function like `fetch`. */
export type ChannelTransport =
  | Pick<Client, 'request'>
  | ((url: string | URL, request: ChannelRequest) => PromiseLike<Pick<Response, 'status' | 'body'>>);

/** A request of the channel. */
export interface ChannelRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

/** Where the endpoint is, and how to ask it. */
export interface ChannelTarget {
  transport: ChannelTransport;
  url: string | URL;
}

/** An answer of the endpoint. */
export interface ChannelAnswer {
  status: number;
  /** As received. */
  text: string;
  value: Readonly<Record<string, unknown>>;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/** Asks for an offer, or posts `content`. Throws `ClientError` `protocol` or `limit`. */
export async function askChannel(
  { transport, url }: ChannelTarget,
  content?: Readonly<Record<string, unknown>>,
): Promise<ChannelAnswer> {
  const request = requestOf(content);
  const { status, body } = await (typeof transport === 'function'
    ? transport(url, request)
    : transport.request(url, request));
  const text = await readText(body, url);
  return { status, text, value: parseObject(text, url) };
}

function requestOf(content: Readonly<Record<string, unknown>> | undefined): ChannelRequest {
  const headers = { accept: 'application/json' };
  if (content === undefined) return { method: 'GET', headers };
  const body = JSON.stringify(content);
  return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
}

/** The value of an answer with status 200. Throws `ClientError` `http` for any other. */
export function requireOk({ status, value }: ChannelAnswer, url: string | URL): ChannelAnswer['value'] {
  if (status === 200) return value;
  const { error = value.detail ?? value.title } = value;
  const reason = typeof error === 'string' ? `: ${error.slice(0, 200)}` : '';
  throw new ClientError('http', `${url} answered with status ${status}${reason}`);
}

async function readText(body: AsyncIterable<Uint8Array> | null, url: string | URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of body ?? []) {
    octets += chunk.length;
    if (octets > MAX_ANSWER_BYTES) {
      throw new ClientError(
        'limit',
        `${url} answered with more than 256 KiB: is that an encrypted endpoint?`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string, url: string | URL): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // The answer can be any web page.
  }
  throw new ClientError(
    'protocol',
    `${url} did not answer with a JSON object: is that an encrypted endpoint?`,
  );
}
