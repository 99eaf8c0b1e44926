// One GET over HTTP or HTTPS to an address that was checked (attack 58): the host is looked up once, and the connection goes to what
// was found. Reads at most 1 KiB, follows nothing by itself. Certificates are not verified: whoever asks for one has none yet.
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { AcmeError, shown } from '../problem.ts';
import { connectionError } from './failure.ts';
import type { Targets } from './target.ts';

/** The content of a page, or where it leads to. */
export type Fetched = { text: string } | { location: string };

export interface PinnedFetch {
  /** Throws AcmeError `connection`, `dns`; `unauthorized` for another status than 200 and for more content. */
  get(url: URL, signal: AbortSignal): Promise<Fetched>;
}

const MAX_BODY_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const REDIRECTS = [301, 302, 303, 307, 308];

export function createPinnedFetch(targets: Targets): PinnedFetch {
  // Every fetch has a connection of its own.
  const http = new HttpAgent({ keepAlive: false });
  const https = new HttpsAgent({ keepAlive: false, rejectUnauthorized: false, maxCachedSessions: 0 });

  function send(address: string, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const options: RequestOptions = {
      host: address,
      port: portOf(url),
      path: url.pathname + url.search,
      headers: { host: url.host, 'user-agent': 'gatehouse-acme', accept: '*/*', connection: 'close' },
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? httpsRequest({ ...options, agent: https, servername: isIP(hostOf(url)) === 0 ? hostOf(url) : '' })
          : httpRequest({ ...options, agent: http });
      request.once('response', resolve);
      request.once('error', reject);
      // A switch of protocols is none of what is asked for.
      request.once('upgrade', () => request.destroy(new Error('protocol switched')));
      request.end();
    });
  }

  async function getFrom(address: string, url: URL, signal: AbortSignal): Promise<Fetched> {
    try {
      return await answerOf(await send(address, url, signal), url);
    } catch (error) {
      throw connectionError(`${url.origin} at ${address}`, error);
    }
  }

  return {
    get: (url, signal) => targets.connect(hostOf(url), (address) => getFrom(address, url, signal)),
  };
}

export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

async function answerOf(response: IncomingMessage, url: URL): Promise<Fetched> {
  const { statusCode = 0, headers } = response;
  if (REDIRECTS.includes(statusCode) && headers.location !== undefined) {
    response.destroy();
    return { location: headers.location };
  }
  if (statusCode !== 200) {
    response.destroy();
    throw new AcmeError(
      'unauthorized',
      `${shown(url.href)} answers with status ${statusCode} instead of 200.`,
    );
  }
  return { text: await readBody(response, url) };
}

async function readBody(response: IncomingMessage, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new AcmeError(
        'unauthorized',
        `${shown(url.href)} has more than ${MAX_BODY_BYTES} bytes; a key authorization is shorter.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
