// Requests to an ACME directory (RFC 8555 §6.1): over verified TLS, with limits of time and size, without
// following redirects.
import type { IncomingMessage } from 'node:http';
import { Agent, request as sendRequest } from 'node:https';
import { connectionProblem } from '../../platform/problems/connection-problem.ts';
import { OrderFailure } from '../failure.ts';

export interface Exchange {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface HttpsRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: string;
  /** A JWS in JSON. */
  body?: string;
  accept?: string;
}

export interface Https {
  /** Throws `OrderFailure`, also if the directory does not answer in time. */
  send(request: HttpsRequest, signal: AbortSignal): Promise<Exchange>;
}

const TIMEOUT_MS = 30_000;
const MAX_BODY_OCTETS = 256 * 1024;
const MAX_HEADER_OCTETS = 16 * 1024;

/** `roots`: PEM of the trusted roots. */
export function createHttps({ roots, userAgent }: { roots: string; userAgent: string }): Https {
  const agent = new Agent({ ca: roots, keepAlive: false });

  function open({ method, url, body, accept = 'application/json' }: HttpsRequest, signal: AbortSignal) {
    const headers = {
      accept,
      'user-agent': userAgent,
      ...(body !== undefined && { 'content-type': 'application/jose+json' }),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const request = sendRequest(url, { method, headers, agent, signal, maxHeaderSize: MAX_HEADER_OCTETS });
      request.once('response', resolve);
      request.once('error', reject);
      request.end(body);
    });
  }

  return {
    async send(request, signal) {
      if (URL.parse(request.url)?.protocol !== 'https:')
        throw new OrderFailure(`The directory names ${request.url}, which is not a URL with https.`);
      const time = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const response = await open(request, AbortSignal.any([signal, time]));
        const body = await readBody(response);
        return { status: response.statusCode ?? 0, headers: response.headers, body };
      } catch (error) {
        if (signal.aborted || error instanceof OrderFailure) throw error;
        const reason = time.aborted
          ? `it took longer than ${TIMEOUT_MS / 1000} seconds`
          : connectionProblem(error);
        const { origin } = new URL(request.url);
        throw new OrderFailure(`${origin} cannot be reached: ${reason}.`, { cause: error });
      }
    },
  };
}

async function readBody(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MAX_BODY_OCTETS)
      throw new OrderFailure(`The directory sends more than ${MAX_BODY_OCTETS} octets in one answer.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
