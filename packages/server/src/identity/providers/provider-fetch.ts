// Requests to a provider: over TLS that is verified with the roots of this provider, with limits of time and
// size, and without following redirects.
import type { IncomingMessage } from 'node:http';
import { Agent, request as sendRequest } from 'node:https';
import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { connectionProblem } from '../../platform/problems/connection-problem.ts';

/** The provider gave no readable answer. */
export class ProviderUnreachable extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ProviderUnreachable';
  }
}

export interface ProviderFetchSettings {
  /** PEM of the trusted roots. */
  roots(): string;
  userAgent: string;
  /** The time limit for the whole answer. */
  timeoutMs: number;
}

const MAX_BODY_OCTETS = 512 * 1024;
const MAX_HEADER_OCTETS = 16 * 1024;

/** Throws `ProviderUnreachable`. */
export function createProviderFetch({ roots, userAgent, timeoutMs }: ProviderFetchSettings): CustomFetch {
  return async (url, options) => {
    if (URL.parse(url)?.protocol !== 'https:') {
      throw new ProviderUnreachable(`${url} is not an https URL`);
    }
    const time = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, time]) : time;
    const agent = new Agent({ ca: roots(), keepAlive: false });
    const sent = { ...options.headers, 'user-agent': userAgent };
    try {
      const answer = await open(url, { ...options, headers: sent, signal }, agent);
      return responseOf(answer, await readBody(answer));
    } catch (error) {
      if (error instanceof ProviderUnreachable) throw error;
      const reason = signal.aborted ? `it took longer than ${timeoutMs / 1000} s` : connectionProblem(error);
      throw new ProviderUnreachable(`${new URL(url).origin} cannot be reached: ${reason}`, { cause: error });
    } finally {
      agent.destroy();
    }
  };
}

function open(
  url: string,
  { method, headers, body, signal }: CustomFetchOptions,
  agent: Agent,
): Promise<IncomingMessage> {
  const text = body === null || body === undefined ? undefined : String(body);
  return new Promise((resolve, reject) => {
    const request = sendRequest(url, {
      method,
      headers: {
        ...headers,
        ...(text !== undefined && { 'content-length': String(Buffer.byteLength(text)) }),
      },
      agent,
      maxHeaderSize: MAX_HEADER_OCTETS,
      ...(signal && { signal }),
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(text);
  });
}

async function readBody(answer: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MAX_BODY_OCTETS) {
      throw new ProviderUnreachable(`the provider sends more than ${MAX_BODY_OCTETS} octets in one answer`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function responseOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer<ArrayBuffer>): Response {
  if (statusCode < 200 || statusCode > 599) {
    throw new ProviderUnreachable(`the provider answers with the status ${statusCode}`);
  }
  const hasBody = statusCode !== 204 && statusCode !== 205 && statusCode !== 304;
  const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Response(hasBody ? body : null, { status: statusCode, headers: fields });
}
