// Opens connections for undici, with TLS 1.2 or newer. Always checks certificates, pins, and restrictions on
// addresses. Adds the server's chain to the error if a certificate is not trusted.
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import type { buildConnector as UndiciConnector } from 'undici';
import { ClientError } from '../errors.ts';
import { needsRevocationCheck } from '../revocation/needs-check.ts';
import type { ConnectionLog } from './connection-log.ts';
import { createDirectReads } from './direct-reads.ts';
import { forbiddenAddress, guardedLookup, type IsAllowed } from './guard.ts';
import type { Trust } from './network-change.ts';
import { checkSubjectAltName } from './pem.ts';
import { chainOf, matchesPins } from './pins.ts';
import { buildConnector } from './undici-parts.ts';

export interface ConnectSettings {
  /** For handlers that copy the octets they need later (direct-reads.ts). */
  readsDirectly?: boolean;
  /** Offers HTTP/2 beside HTTP/1.1. */
  http2?: boolean;
  log?: ConnectionLog | undefined;
  connectSeconds: number;
  /** Has each connection until it can be used or has failed. */
  opening?: Set<Socket>;
  socketPath?: string | undefined;
  /** Refuses addresses for which it returns false. */
  isAllowed?: IsAllowed | undefined;
  /** Called for each step of opening a connection. */
  onStep?: OnStep | undefined;
}

/** `lookup`: the name is resolved. `connect`: TCP is open. `secure`: TLS is open. */
export type OnStep = (step: 'lookup' | 'connect' | 'secure') => void;

/** A connector for an undici Agent. No session is resumed: Node does not check names and pins again. */
export function createConnector(trust: Trust, settings: ConnectSettings): UndiciConnector.connector {
  const schemeOf = createSchemes(trust, settings);
  const received = Buffer.allocUnsafeSlow(RECEIVED_BYTES);
  return (target, callback) => {
    const forbidden = forbiddenAddress(target.hostname, settings.isAllowed);
    if (forbidden !== undefined) return callback(forbidden, null);
    const { options, connect: connectStreaming } = schemeOf(target.protocol);
    const direct = mayReadDirectly(target, settings) ? createDirectReads(received) : undefined;
    const connect = direct === undefined ? connectStreaming : buildConnector({ ...options, ...direct });
    const seen: Seen = { chain: [], staple: undefined };
    const fail = (error: Error) => {
      settings.opening?.delete(socket);
      callback(Object.assign(error, { chain: seen.chain.map(String) }), null);
    };
    // biome-ignore lint/suspicious/noExplicitAny: undici's types hide that its connector returns the socket
    const socket = (connect as any)(withServerName(target, trust), (...outcome: Outcome) => {
      const [error, opened] = outcome;
      if (error !== null) return fail(error);
      // After an alert the stream ends, and undici would report only that end.
      opened.once('error', (failure: NodeJS.ErrnoException) => {
        // For undici, a reset ends content that has no length. It was cut off (RFC 9112 §8).
        if (failure.code === 'ECONNRESET') failure.code = 'EPIPE';
        opened.destroy();
      });
      const accept = () => {
        isOpen?.();
        settings.opening?.delete(socket);
        callback(null, opened);
      };
      const refuse = (reason: Error) => {
        opened.destroy();
        fail(reason);
      };
      const mismatch = pinMismatch(opened, trust, target);
      if (mismatch !== undefined) return refuse(mismatch);
      const check = revocationCheck(opened, seen, { trust, settings });
      if (check === undefined) return accept();
      check.then(accept, refuse);
    }) as Socket;
    settings.opening?.add(socket);
    direct?.attach(socket);
    const isOpen = settings.log?.follow(socket);
    observe(socket, seen, settings.onStep);
  };
}

const RECEIVED_BYTES = 64 * 1024;

/** Node can use this buffer only for reads from the network, not from a tunnel. */
function mayReadDirectly(
  { httpSocket, protocol }: UndiciConnector.Options,
  { readsDirectly, http2 }: ConnectSettings,
): boolean {
  const mayBeHttp2 = http2 === true && protocol === 'https:';
  return readsDirectly === true && httpSocket === undefined && !mayBeHttp2;
}

interface Scheme {
  options: UndiciConnector.BuildOptions;
  connect: UndiciConnector.connector;
}

/** Reading the roots takes longer than a request over plain HTTP, which does not need them. */
function createSchemes(trust: Trust, settings: ConnectSettings): (protocol: string) => Scheme {
  const scheme = (secureContext?: SecureContext): Scheme => {
    const options = connectOptions(trust, settings, secureContext);
    return { options, connect: buildConnector(options) };
  };
  const plain = scheme();
  let secure: Scheme | undefined;
  return (protocol) => {
    if (protocol !== 'https:') return plain;
    secure ??= scheme(createSecureContext(trust.context));
    return secure;
  };
}

function connectOptions(
  trust: Trust,
  settings: ConnectSettings,
  secureContext: SecureContext | undefined,
): UndiciConnector.BuildOptions {
  return {
    allowH2: settings.http2 ?? false,
    secureContext,
    rejectUnauthorized: true, // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
    checkServerIdentity: (hostname: string, certificate: PeerCertificate) =>
      checkSubjectAltName(trust.serverName ?? hostname, certificate),
    ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
    maxCachedSessions: 0,
    timeout: settings.connectSeconds * 1000,
    socketPath: settings.socketPath ?? null,
    requestOCSP: true,
    ...guardedLookup(settings.isAllowed),
  } as UndiciConnector.BuildOptions;
}

/** Unlike `instanceof`, this does not load `node:tls`, which takes longer than a request over plain HTTP. */
function isTls(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

/** A connection shows these facts only once. */
interface Seen {
  chain: X509Certificate[];
  staple: Buffer | undefined;
}

/** Node forgets the certificates when it destroys a connection that it does not trust. */
function observe(socket: Socket, seen: Seen, onStep: OnStep | undefined): void {
  if (onStep !== undefined) {
    socket.once('lookup', () => onStep('lookup'));
    socket.once('connect', () => onStep('connect'));
  }
  if (!isTls(socket)) return;
  socket.once('OCSPResponse', (staple: Buffer | null) => {
    seen.staple = staple ?? undefined;
  });
  socket.prependOnceListener('secure', () => {
    onStep?.('secure');
    seen.chain = chainOf(socket.getPeerCertificate(true));
  });
}

/** Undefined if there is nothing to check: then the connection is ready at once. */
function revocationCheck(
  socket: Socket,
  { chain, staple }: Seen,
  { trust, settings }: { trust: Trust; settings: ConnectSettings },
): Promise<void> | undefined {
  if (!isTls(socket) || !needsRevocationCheck(chain[0], staple, trust.revocation)) return undefined;
  const handshake = { chain, staple, isAllowed: settings.isAllowed };
  return import('../revocation/check.ts').then(({ checkRevocation }) =>
    checkRevocation(handshake, trust.revocation),
  );
}

type Outcome = [error: Error, socket: null] | [error: null, socket: Socket | TLSSocket];

function withServerName(target: UndiciConnector.Options, { serverName }: Trust): UndiciConnector.Options {
  return serverName === undefined || target.protocol !== 'https:'
    ? target
    : { ...target, servername: serverName };
}

function pinMismatch(
  socket: Socket,
  { pins }: Trust,
  target: UndiciConnector.Options,
): ClientError | undefined {
  if (pins.length === 0 || !isTls(socket)) return undefined;
  const chain = chainOf(socket.getPeerCertificate(true));
  if (matchesPins(chain, pins)) return undefined;
  const cause = Object.assign(new Error('no certificate of the chain is pinned'), {
    chain: chain.map(String),
  });
  const message = `the certificate of ${target.host ?? target.hostname} has none of the pinned keys: compare the pins with its operator`;
  const tls = { reason: 'pin_mismatch', fix: 'compare the pins with its operator' } as const;
  return new ClientError('pin', message, { cause, tls });
}
