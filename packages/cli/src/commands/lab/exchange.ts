// One request of HTTP/1.1 through the relay, over TLS for https. The certificate of the server is always
// checked.
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from 'node:tls';
import { connectFailure, noAnswer, tlsFailure } from './exchange-failures.ts';
import { octetsOf, type Passage, startRelay } from './relay.ts';

export interface Exchange {
  /** What passed on the wire. */
  passages: readonly Passage[];
  sent: Buffer;
  received: Buffer;
  /** The request and the answer in plain text, where TLS ends. */
  request: Buffer;
  answer: Buffer;
  /** Why the answer is not complete. */
  incomplete: string | undefined;
}

export interface ExchangeOptions {
  /** Beside Host and Connection. */
  headers?: readonly string[];
  /** The value of Host; default: that of the URL. */
  hostHeader?: string;
  /** Default: none, and the method is GET. */
  content?: Uint8Array | undefined;
  /** PEM; undefined for the roots of Node. */
  roots?: string | undefined;
  timeoutSeconds: number;
}

/** Enough to show. */
const MAX_ANSWER = 1024 * 1024;

/** Throws `CliError` if the server cannot be reached, or if its certificate is not trusted. */
export async function exchange(url: URL, options: ExchangeOptions): Promise<Exchange> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const relay = await startRelay({ host, port });
  try {
    const socket = await open(url, host, { ...options, port: relay.port }).catch((error) => {
      const failure = relay.failure();
      throw failure === undefined ? tlsFailure(error, url) : connectFailure(failure, url);
    });
    const request = requestOctets(url, options);
    socket.write(request);
    const { answer, incomplete, isLate } = await readAnswer(socket, options.timeoutSeconds);
    const failure = relay.failure();
    if (answer.length === 0 && failure !== undefined) throw connectFailure(failure, url);
    if (answer.length === 0 && isLate) throw noAnswer(url);
    const passages = [...relay.passages];
    return {
      passages,
      sent: octetsOf(passages, 'client'),
      received: octetsOf(passages, 'server'),
      request,
      answer,
      incomplete,
    };
  } finally {
    await relay.close();
  }
}

async function open(
  url: URL,
  host: string,
  { port, roots, timeoutSeconds }: ExchangeOptions & { port: number },
): Promise<Socket> {
  if (url.protocol === 'http:') {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return socket;
  }
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: isIP(host) === 0 ? host : '', // RFC 6066 §3: no addresses
    ...(roots === undefined ? {} : { ca: roots }),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true, // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
    checkServerIdentity: (_relay, certificate) => checkNames(host, certificate),
  });
  socket.setTimeout(timeoutSeconds * 1000, () => socket.destroy(noAnswer(url)));
  await once(socket, 'secureConnect');
  return socket;
}

/** Only subjectAltName names a server (RFC 9525 §2). Node would also accept the common name. */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(host, { ...certificate, subject: { ...certificate.subject, CN: '' } });
}

function requestOctets(
  { host, pathname, search }: URL,
  { headers = [], hostHeader = host, content }: ExchangeOptions,
): Buffer {
  const length = content === undefined ? [] : [`Content-Length: ${content.length}`];
  const method = content === undefined ? 'GET' : 'POST';
  const lines = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `Host: ${hostHeader}`,
    ...headers,
    ...length,
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content ?? Buffer.alloc(0)]);
}

async function readAnswer(
  socket: Socket,
  timeoutSeconds: number,
): Promise<Pick<Exchange, 'answer' | 'incomplete'> & { isLate: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  let incomplete: string | undefined;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    incomplete = `the answer did not end within ${timeoutSeconds} s`;
    socket.destroy();
  }, timeoutSeconds * 1000);
  try {
    for await (const chunk of socket) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_ANSWER) incomplete = 'the answer is longer than 1 MiB';
      if (length > MAX_ANSWER) break;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    incomplete ??= `the server ended the connection (${code ?? message})`;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  return { answer: Buffer.concat(chunks), incomplete, isLate };
}
