// http-01 (RFC 8555 §8.3): the key authorization is fetched over HTTP. Follows at most ten redirects, to http and https alone, on the
// ports that are configured; each hop's host is looked up and checked anew. Certificates are not verified on the way: the client asks
// for one because it has none.
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { AcmeError } from '../problem.ts';
import { connectionError } from './failure.ts';
import type { Targets } from './target.ts';
import { firstConnected } from './target.ts';
import type { ChallengeAttempt } from './validator.ts';

export interface HttpSettings {
  httpPort: number;
  tlsPort: number;
}

const MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 1024;
const MAX_HEADER_BYTES = 16 * 1024;
// Every hop has a connection of its own, made to the address that was just checked.
const httpAgent = new HttpAgent({ keepAlive: false });
const httpsAgent = new HttpsAgent({ keepAlive: false, rejectUnauthorized: false, maxCachedSessions: 0 });
const REDIRECTS = [301, 302, 303, 307, 308];

/** Resolves when the key authorization was there. Throws AcmeError `connection`, `dns`, `unauthorized`, `incorrectResponse`. */
export async function validateHttp01(
  { identifier, token, keyAuthorization, signal }: ChallengeAttempt,
  targets: Targets,
  settings: HttpSettings,
): Promise<void> {
  const host = isIP(identifier.value) === 6 ? `[${identifier.value}]` : identifier.value;
  let url = new URL(`http://${host}:${settings.httpPort}/.well-known/acme-challenge/${token}`);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const answer = await fetchOnce(url, targets, signal);
    if ('text' in answer) return requireKeyAuthorization(answer.text, keyAuthorization, url);
    url = redirected(answer.location, url, settings);
  }
  throw new AcmeError('connection', `More than ${MAX_REDIRECTS} redirects.`);
}

function requireKeyAuthorization(text: string, expected: string, url: URL): void {
  if (text.trimEnd() === expected) return;
  // What was there instead is not shown: it may be a page of some inner service (RFC 8555 §10.4).
  throw new AcmeError('unauthorized', `${url.href} has something else than the key authorization.`);
}

function redirected(location: string, from: URL, { httpPort, tlsPort }: HttpSettings): URL {
  const url = URL.parse(location, from.href);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new AcmeError('connection', `${from.href} redirects to what is no plain http or https URL.`);
  }
  if ([80, 443, httpPort, tlsPort].includes(portOf(url))) return url;
  throw new AcmeError(
    'connection',
    `${from.href} redirects to port ${portOf(url)}, where validation does not connect.`,
  );
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

type Answer = { text: string } | { location: string };

async function fetchOnce(url: URL, targets: Targets, signal: AbortSignal): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = await targets.of(host);
  return firstConnected(addresses, (address) => fetchFrom(address, url, signal));
}

async function fetchFrom(address: string, url: URL, signal: AbortSignal): Promise<Answer> {
  try {
    return await answerOf(await send(address, url, signal), url);
  } catch (error) {
    throw connectionError(`${url.origin} at ${address}`, error);
  }
}

function send(address: string, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
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
        ? httpsRequest({ ...options, agent: httpsAgent, servername: isIP(host) === 0 ? host : '' })
        : httpRequest({ ...options, agent: httpAgent });
    request.once('response', resolve);
    request.once('error', reject);
    // An informational answer or a switch of protocols is none of what is asked for.
    request.once('upgrade', () => request.destroy(new Error('protocol switched')));
    request.end();
  });
}

async function answerOf(response: IncomingMessage, url: URL): Promise<Answer> {
  const { statusCode = 0, headers } = response;
  if (REDIRECTS.includes(statusCode) && headers.location !== undefined) {
    response.destroy();
    return { location: headers.location };
  }
  if (statusCode !== 200) {
    response.destroy();
    throw new AcmeError('unauthorized', `${url.href} answers with status ${statusCode} instead of 200.`);
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
        `${url.href} has more than ${MAX_BODY_BYTES} bytes; a key authorization is shorter.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
