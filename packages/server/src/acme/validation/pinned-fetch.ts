// One GET over HTTP or HTTPS to an address that was checked (RFC 8555 §10.4): the host is looked up once, and
// the connection goes to the address that was found. Reads at most 1 KiB and follows no redirect. Does not
// verify certificates: a server that orders one has none yet.
import type { IncomingMessage } from 'node:http';
import { request as sendRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AcmeError, truncated } from '../problem.ts';
import { portOf } from '../urls.ts';
import { connectionError } from './failure.ts';
import type { Targets } from './target.ts';

/** The content of a page, or the target of its redirect. */
export type Fetched = { text: string } | { location: string };

export interface PinnedFetch {
  /**
   * Throws AcmeError `connection`, `dns`, and `unauthorized` if the status is not 200 or the content is too
   * long.
   */
  get(url: URL, signal: AbortSignal): Promise<Fetched>;
}

const MAX_BODY_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const REDIRECTS = [301, 302, 303, 307, 308];

export function createPinnedFetch(targets: Targets): PinnedFetch {
  return {
    async get(url, signal) {
      const { socket, address } = await targets.connect(hostOf(url), portOf(url), signal);
      try {
        return await answerOf(await send(socket, url), url);
      } catch (error) {
        socket.destroy();
        throw connectionError(`${url.origin} at ${address}`, error);
      }
    },
  };
}

/** The signal of the connection ends the request, too. */
function send(socket: Socket, url: URL): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      // A new connection, without an agent.
      createConnection: () => (url.protocol === 'http:' ? socket : secured(socket, url)),
      path: url.pathname + url.search,
      headers: { host: url.host, 'user-agent': 'gatehouse-acme', accept: '*/*', connection: 'close' },
      setHost: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    request.once('response', resolve);
    request.once('error', reject);
    // The request asks for no other protocol, so this answer is wrong.
    request.once('upgrade', () => request.destroy(new Error('protocol switched')));
    request.end();
  });
}

function secured(socket: Socket, url: URL): Socket {
  const servername = isIP(hostOf(url)) === 0 ? hostOf(url) : '';
  return connectTls({ socket, servername, rejectUnauthorized: false });
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
      `${truncated(url.href)} answers with status ${statusCode} instead of 200.`,
    );
  }
  return { text: await readBody(response, url) };
}

function readBody(response: IncomingMessage, url: URL): Promise<string> {
  let text = '';
  response.setEncoding('latin1');
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_BODY_BYTES) response.destroy(tooLong(url));
    });
    response.once('end', () => resolve(text));
    response.once('error', reject);
  });
}

function tooLong(url: URL): AcmeError {
  return new AcmeError(
    'unauthorized',
    `${truncated(url.href)} has more than ${MAX_BODY_BYTES} bytes; a key authorization is shorter.`,
  );
}
