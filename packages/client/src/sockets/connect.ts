// A TLS connection to a server whose certificate was verified, with a client certificate if the server
// requires one. Refuses TLS below 1.2, and certificates that name the server only in their common name.
// Resumes no session, because Node does not check the name again on a resumed one.
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { ClientError } from '../errors.ts';
import { checkSubjectAltName } from '../network/pem.ts';
import { chainOf, matchesPins } from '../network/pins.ts';
import { needsRevocationCheck } from '../revocation/needs-check.ts';
import { type RevocationOptions, type RevocationSettings, readRevocation } from '../revocation/settings.ts';
import { secureContextOf, type TlsCredentials } from './credentials.ts';
import { clientFailure, closedAtOnce, type TlsSituation } from './tls-errors.ts';

/**
 * Where to connect, what to trust, and which certificate to present. Without `ca`, trusts the roots of Node.
 */
export interface ConnectTlsOptions extends TlsCredentials, RevocationOptions {
  host: string;
  port: number;
  /** An open connection to the server, for protocols that begin in plain text (STARTTLS). */
  socket?: Socket;
  /** The name that the server's certificate must have. Default: `host`. */
  serverName?: string;
  /** `sha256/BASE64` of public keys (SPKI). One certificate of the server's chain must have one of these. */
  pins?: readonly string[];
  /** The limit for the name lookup, the connection and the handshake together. Default: 10. */
  connectSeconds?: number;
}

/**
 * Connects, and resolves to a socket when both sides are verified. Rejects with `ClientError`, which says
 * which side refused what. Later errors of the socket are `ClientError`s too.
 *
 * In TLS 1.3 a server checks the client's certificate after the client's side of the handshake is complete
 * (RFC 8446 §4.4.2.4). So this waits at most a quarter of a second for the first octets from the server: a
 * session ticket or data.
 * @throws TypeError for PEM that cannot be used
 * @example
 * const socket = await connectTls({ host: 'localhost', port: 5433, ca, certificate, key });
 * socket.end('hello\n');
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TLSSocket> {
  const { host, port, connectSeconds = 10 } = options;
  const revocation = readRevocation(options);
  const situation: TlsSituation & { chain: X509Certificate[] } = {
    peer: `${host}:${port}`,
    hasCertificate: options.certificate !== undefined,
    chain: [],
  };
  const socket = open(options);
  let staple: Buffer | undefined;
  socket.once('OCSPResponse', (answer: Buffer | null) => {
    staple = answer ?? undefined;
  });
  // Node forgets the certificates when it destroys a connection that it does not trust.
  socket.prependOnceListener('secure', () =>
    situation.chain.push(...chainOf(socket.getPeerCertificate(true))),
  );
  reportErrors(socket, situation);
  const timer = setTimeout(() => {
    const message = `no connection to ${situation.peer} within ${connectSeconds} s: check the address`;
    socket.destroy(new ClientError('timeout', message));
  }, connectSeconds * 1000);
  try {
    await once(socket, 'secureConnect');
    requirePin(situation, options.pins ?? []);
    await requireNotRevoked(situation, staple, revocation);
    if (socket.getProtocol() === 'TLSv1.3') await acceptance(socket, situation);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function open({ host, port, socket, serverName = host, ...credentials }: ConnectTlsOptions): TLSSocket {
  return connect({
    ...secureContextOf(credentials),
    host,
    port,
    ...(socket === undefined ? {} : { socket }),
    servername: isIP(serverName) === 0 ? serverName : '', // RFC 6066 §3: no addresses
    requestOCSP: true,
    rejectUnauthorized: true, // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
    checkServerIdentity: (_hostname, certificate) => checkSubjectAltName(serverName, certificate),
  });
}

function requirePin(
  { peer, chain }: TlsSituation & { chain: readonly X509Certificate[] },
  pins: readonly string[],
): void {
  if (matchesPins(chain, pins)) return;
  const message = `the certificate of ${peer} has none of the pinned keys: compare the pins with its operator`;
  const tls = { reason: 'pin_mismatch', fix: 'compare the pins with its operator' } as const;
  throw new ClientError('pin', message, { tls });
}

async function requireNotRevoked(
  situation: TlsSituation & { chain: readonly X509Certificate[] },
  staple: Buffer | undefined,
  settings: RevocationSettings,
): Promise<void> {
  const { chain } = situation;
  if (!needsRevocationCheck(chain[0], staple, settings)) return;
  const { checkRevocation } = await import('../revocation/check.ts');
  await checkRevocation({ chain, staple }, settings).catch((error) => {
    throw clientFailure(error, situation);
  });
}

/** Node emits an alert without `destroy`. Later readers get the error that `destroy` gets. */
function reportErrors(socket: TLSSocket, situation: TlsSituation): void {
  const { destroy, emit } = socket;
  socket.destroy = (error) => destroy.call(socket, error && clientFailure(error, situation));
  socket.emit = (event: string | symbol, ...values: unknown[]) => {
    const [first] = values;
    const isError = event === 'error' && first instanceof Error;
    return emit.call(socket, event, ...(isError ? [clientFailure(first, situation)] : values));
  };
}

const ACCEPTANCE_MS = 250;

async function acceptance(socket: TLSSocket, situation: TlsSituation): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const timer = setTimeout(() => waiting.abort(), ACCEPTANCE_MS);
  const signs = ['session', 'readable', 'close'].map((event) => once(socket, event, { signal }));
  try {
    await Promise.race(signs);
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  } finally {
    clearTimeout(timer);
    waiting.abort();
    await Promise.allSettled(signs);
  }
  if (hasEnded(socket)) throw closedAtOnce(situation);
}

/** The server closed the connection without sending anything. */
function hasEnded(socket: TLSSocket): boolean {
  return socket.destroyed || (socket.readableLength === 0 && socket.read(0) === null && isAtEnd(socket));
}

function isAtEnd(socket: TLSSocket): boolean {
  return socket.readableEnded || socket.readable === false;
}
