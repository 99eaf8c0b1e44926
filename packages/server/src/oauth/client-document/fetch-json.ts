// Fetches a JSON document about a client: https only, from a checked address, without following redirects,
// with limits of size and time.
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Destinations } from './destinations.ts';
import { DocumentError } from './destinations.ts';
import { freshSeconds } from './fresh-seconds.ts';

export interface FetchedJson {
  json: unknown;
  /** How long it may be used. */
  freshSeconds: number;
}

export type FetchJson = (url: URL) => Promise<FetchedJson>;

export interface FetchJsonOptions {
  destinations: Destinations;
  /** PEM of the trusted authorities; default: those of the system. */
  ca?: string | undefined;
  timeoutMs?: number;
}

const MAX_BYTES = 16 * 1024;
const TIMEOUT_MS = 5000;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

/** The result rejects with `DocumentError`. */
export function createFetchJson({ destinations, ca, timeoutMs = TIMEOUT_MS }: FetchJsonOptions): FetchJson {
  async function answerTo(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const addresses = await destinations.addressesOf(url.hostname.replace(/^\[|\]$/g, ''));
    const outgoing = request(url, {
      // A new connection to one of the checked addresses, even if the name resolves to another one now.
      agent: false,
      lookup: pinned(addresses),
      headers: { accept: 'application/json', 'user-agent': 'gatehouse' },
      signal,
      ...(ca !== undefined && { ca }),
    });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response', { signal })) as [IncomingMessage];
    const { remoteAddress = '' } = answer.socket;
    if (!destinations.has(remoteAddress)) {
      answer.destroy();
      throw new DocumentError(`the connection leads to ${remoteAddress}, which is not public`);
    }
    return answer;
  }

  return async (url) => {
    if (url.protocol !== 'https:') throw new DocumentError('its URL does not begin with https://');
    try {
      const answer = await answerTo(url, AbortSignal.timeout(timeoutMs));
      const { statusCode, headers } = answer;
      try {
        if (statusCode !== 200) throw new DocumentError(`its server answered ${statusCode}`);
        if (!JSON_TYPE.test(headers['content-type'] ?? ''))
          throw new DocumentError('it is not application/json');
        return { json: parsed(await body(answer)), freshSeconds: freshSeconds(headers) };
      } finally {
        answer.destroy();
      }
    } catch (error) {
      if (error instanceof DocumentError) throw error;
      const isLate = error instanceof Error && /^(?:AbortError|TimeoutError)$/.test(error.name);
      const what = isLate ? 'its server did not answer in time' : 'its server cannot be reached over TLS';
      throw new DocumentError(what, { cause: error });
    }
  };
}

function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function body(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new DocumentError(`it is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(octets: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(octets));
  } catch (cause) {
    throw new DocumentError('it is not valid JSON', { cause });
  }
}
