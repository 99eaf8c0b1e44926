// Fetches from a URL in a certificate: a responder's answer, a revocation list or an issuer. A stranger wrote
// the URL, so scheme, address, time and size are limited, and no redirect is followed.
import type { RequestOptions } from 'node:http';
import { forbiddenAddress, guardedLookup, type IsAllowed } from '../network/guard.ts';

/** What to send, and how much to accept. */
export interface FetchOrder {
  /** If present, the method is POST. */
  body?: Uint8Array;
  contentType?: string;
  maxBytes: number;
  seconds: number;
  isAllowed?: IsAllowed | undefined;
}

/**
 * The octets at a URL. Rejects with an error that says why there are none.
 * @example
 * const list = await fetchOctets('http://pki.example/root.crl', { maxBytes: 1024 ** 2, seconds: 5 });
 */
export async function fetchOctets(address: string, order: FetchOrder): Promise<Buffer> {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new Error('the URL must begin with http:// or https://, and have no user name');
  const refused = forbiddenAddress(url.hostname, order.isAllowed);
  if (refused !== undefined) throw refused;
  const signal = AbortSignal.timeout(order.seconds * 1000);
  try {
    return await exchange(url, order, signal);
  } catch (error) {
    throw signal.aborted ? new Error(`no answer within ${order.seconds} s`) : error;
  }
}

async function exchange(url: URL, order: FetchOrder, signal: AbortSignal): Promise<Buffer> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { body, maxBytes } = order;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const sent = request(url, { ...optionsOf(order), signal }, (response) => {
    if (response.statusCode !== 200) {
      sent.destroy(new Error(`the status of the answer is ${response.statusCode}`));
      return;
    }
    const chunks: Buffer[] = [];
    let octets = 0;
    response.on('data', (chunk: Buffer) => {
      octets += chunk.length;
      chunks.push(chunk);
      if (octets > maxBytes) sent.destroy(new Error(`the answer has more than ${maxBytes} octets`));
    });
    response.on('end', () => resolve(Buffer.concat(chunks)));
    response.on('error', reject);
  });
  sent.on('error', (error) => reject(error));
  sent.end(body);
  return promise;
}

function optionsOf({ body, contentType, isAllowed }: FetchOrder): RequestOptions {
  return {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      'user-agent': 'gatehouse-client',
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(body === undefined ? {} : { 'content-length': body.length }),
    },
    ...guardedLookup(isAllowed),
  };
}
