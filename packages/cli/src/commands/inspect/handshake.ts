// One handshake with any server: it accepts old versions and weak keys, checks nothing, and sends nothing
// after the handshake. All that the server sends goes into the report.
import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Target } from './target.ts';

/** The facts of one connection. */
export interface Handshake {
  address: string | null;
  version: string;
  cipher: string;
  group: string | null;
  alpn: string | null;
  /** DER of each certificate of the chain that the server sent. */
  sent: Buffer[];
  staple: Buffer | undefined;
  session: Buffer | undefined;
  isResumed: boolean;
  requiresCertificate: boolean;
  /** From the open TCP connection to the end of the handshake. */
  handshakeMs: number;
}

export interface HandshakeOptions {
  timeoutSeconds: number;
  /** Changes of the offer: versions, a session. */
  offer?: ConnectionOptions;
  /** Whether to wait for a ticket or a refusal after the handshake. */
  wait?: boolean;
}

/** Rejects with the error of node:tls, or with one of the code `ETIMEDOUT`. */
export async function shakeHands(
  target: Target,
  { timeoutSeconds, offer = {}, wait = false }: HandshakeOptions,
): Promise<Handshake> {
  const { serverName } = target;
  const socket = connect({
    ...(await wayTo(target, timeoutSeconds)),
    servername: isIP(serverName) === 0 ? serverName : '', // RFC 6066 §3: no addresses
    ALPNProtocols: ['h2', 'http/1.1'],
    requestOCSP: true,
    rejectUnauthorized: false, // the certificate is checked from its octets
    ca: [], // so that the chain has only what the server sent
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    ...offer,
  });
  const timer = setTimeout(() => socket.destroy(tooLate(timeoutSeconds)), timeoutSeconds * 1000);
  try {
    return await observe(socket, wait);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** The host and its port, or a connection that is ready for TLS. */
export async function wayTo(
  { host, port, startTls }: Target,
  seconds: number,
): Promise<{ host: string; port: number; socket?: Socket }> {
  if (startTls === undefined) return { host, port };
  const { openPlain } = await import('./starttls.ts');
  return { host, port, socket: await openPlain({ host, port, startTls }, seconds) };
}

async function observe(socket: TLSSocket, wait: boolean): Promise<Handshake> {
  let staple: Buffer | undefined;
  let session: Buffer | undefined;
  let connectedAt = performance.now();
  let refusal: Error | undefined;
  socket.once('connect', () => {
    connectedAt = performance.now();
  });
  socket.once('OCSPResponse', (answer: Buffer | null) => {
    staple = answer ?? undefined;
  });
  socket.on('session', (ticket: Buffer) => {
    session = ticket;
  });
  await once(socket, 'secureConnect');
  const handshakeMs = performance.now() - connectedAt;
  socket.on('error', (error) => {
    refusal = error;
  });
  const facts = factsOf(socket);
  if (wait) await firstSign(socket);
  const code = refusal !== undefined && 'code' in refusal ? String(refusal.code) : '';
  // The newest session is only for the second connection.
  session ??= facts.version === 'TLSv1.3' ? undefined : socket.getSession();
  return { ...facts, staple, session, handshakeMs, requiresCertificate: /ALERT_.*CERTIFICATE/.test(code) };
}

function factsOf(
  socket: TLSSocket,
): Omit<Handshake, 'staple' | 'session' | 'handshakeMs' | 'requiresCertificate'> {
  const key = socket.getEphemeralKeyInfo();
  const group = key !== null && 'name' in key ? String(key.name) : undefined;
  return {
    address: socket.remoteAddress ?? null,
    version: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    group: group ?? (key !== null && 'size' in key ? `DH-${key.size}` : null),
    alpn: socket.alpnProtocol || null,
    isResumed: socket.isSessionReused(),
    sent: certificatesOf(socket.getPeerCertificate(true)),
  };
}

/** The last certificate of a chain is its own issuer, or has none. */
function certificatesOf(first: DetailedPeerCertificate | undefined): Buffer[] {
  const seen = new Set<DetailedPeerCertificate>();
  for (let next = first; next?.raw !== undefined && !seen.has(next); next = next.issuerCertificate)
    seen.add(next);
  return [...seen].map(({ raw }) => raw);
}

/** In TLS 1.3, tickets and the refusal of a client without a certificate come after the handshake. */
async function firstSign(socket: TLSSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SIGN_MS);
  for (const event of ['session', 'error', 'close', 'end']) socket.once(event, () => resolve());
  socket.resume(); // tickets are read with the data, which is discarded
  await promise;
  clearTimeout(timer);
}

const SIGN_MS = 500;

function tooLate(seconds: number): Error {
  return Object.assign(new Error(`no handshake within ${seconds} s`), { code: 'ETIMEDOUT' });
}
