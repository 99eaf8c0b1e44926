// A small HTTP client over undici: its own connections, TLS 1.2 or newer, certificates always checked. Refuses URLs with
// user information; follows no redirect; reads no proxy settings.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Readable } from 'node:stream';
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { createIdentify, type HeaderFields, type Identity } from './identity.ts';
import { reportErrors } from './report-errors.ts';
import { defaultTimeouts, type Timeouts } from './timeouts.ts';

export interface ClientOptions {
  /** PEM, one certificate or more: trusted instead of the runtime's own roots. */
  roots?: string;
  identity?: Identity;
  /** What to show a server that asks for a certificate: PEM, the leaf first, and the PEM of its private key. */
  certificate?: { chain: string; key: string };
  timeouts?: Timeouts;
  /** Every connection goes to this Unix socket; the URL then names only the Host and the path. */
  socketPath?: string;
}

export interface ClientRequest {
  /** Default: GET. */
  method?: string;
  headers?: HeaderFields;
  body?: string | Uint8Array | Readable;
  signal?: AbortSignal;
}

export interface ClientResponse {
  status: number;
  /** Names in lower case; a field that came more than once is an array. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The octets as they came, not decoded. Read or destroy it: an unread body holds its connection. */
  body: Readable;
}

export interface Client {
  /**
   * Sends a request and resolves when the response's header is there. Rejects with `ClientError`, with the signal's
   * reason, or with `TypeError` for a URL or an option that cannot be used.
   */
  request(url: string | URL, request?: ClientRequest): Promise<ClientResponse>;
  /** Ends every connection, also those in use. */
  close(): Promise<void>;
}

/**
 * Makes a client with connections of its own. Throws `TypeError` when `roots` holds no certificate, or `certificate` not a
 * certificate and its key.
 */
export function createClient(options: ClientOptions = {}): Client {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agent = createAgent(options, timeouts);
  const dispatcher = agent.compose(
    reportErrors({
      timeouts,
      overSocket: options.socketPath !== undefined,
      showsCertificate: options.certificate !== undefined,
    }),
  );
  const identify = createIdentify(options.identity);
  return {
    async request(url, request = {}) {
      const target = parseTarget(url);
      const response = await dispatcher.request({
        origin: target.origin,
        path: target.pathname + target.search,
        method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
        headers: identify(target, request.headers ?? {}),
        body: request.body ?? null,
        signal: request.signal ?? null,
      });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
    close: () => agent.destroy(),
  };
}

function createAgent(options: ClientOptions, timeouts: Required<Timeouts>): Agent {
  return new Agent({
    allowH2: false,
    headersTimeout: timeouts.headersSeconds * 1000,
    bodyTimeout: timeouts.bodySeconds * 1000,
    connect: createConnect(options, timeouts),
  });
}

function createConnect(options: ClientOptions, timeouts: Required<Timeouts>): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    secureContext: createSecureContext({
      ...rootsOf(options),
      ...certificateOf(options),
      minVersion: 'TLSv1.2',
    }),
    rejectUnauthorized: true, // said aloud, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
    checkServerIdentity: checkSubjectAltName,
    maxCachedSessions: 0, // Node would not check the name again on a resumed session
    timeout: timeouts.connectSeconds * 1000,
    socketPath: options.socketPath ?? null,
  });
  return (target, callback) =>
    connect(target, (...outcome) => {
      const [, socket] = outcome;
      // An alert is followed by the end of the stream, which undici would report in its place.
      socket?.once('error', () => socket.destroy());
      callback(...outcome);
    });
}

function rootsOf({ roots }: ClientOptions): { ca?: string[] } {
  if (roots === undefined) return {};
  const blocks = roots.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) {
    throw new TypeError('roots must be PEM with one certificate or more');
  }
  return { ca: blocks };
}

function certificateOf({ certificate }: ClientOptions): { cert?: string; key?: string } {
  if (certificate === undefined) return {};
  const chain = withoutByteOrderMarks(certificate.chain);
  const key = withoutByteOrderMarks(certificate.key);
  if (!isPair(chain, key)) {
    throw new TypeError('certificate must be the PEM of a certificate chain and of its private key');
  }
  return { cert: chain, key };
}

/** OpenSSL does not see a PEM block behind one. Joined files have several. */
function withoutByteOrderMarks(pem: string): string {
  return pem.replaceAll('\uFEFF', '');
}

function isPair(chain: string, key: string): boolean {
  try {
    return new X509Certificate(chain).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** OpenSSL skips what it cannot read, which would leave a client that silently trusts fewer roots than it was given. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Only subjectAltName names a server (RFC 9525 §2); Node would fall back to the common name. */
function checkSubjectAltName(hostname: string, certificate: PeerCertificate): Error | undefined {
  return checkServerIdentity(hostname, { ...certificate, subject: { ...certificate.subject, CN: '' } });
}

function parseTarget(url: string | URL): URL {
  const target = URL.parse(url);
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw new TypeError('the URL must begin with https:// or http://');
  }
  if (target.username !== '' || target.password !== '') {
    throw new TypeError('the URL must not hold a user name or a password');
  }
  return target;
}
