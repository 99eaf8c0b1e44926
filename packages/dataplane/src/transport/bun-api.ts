// The used part of Bun's sockets, with features that Bun 1.4.5 has but does not declare: the hooks
// `serverName` and `keylog`, and prepared TLS contexts. Bun's own types conflict with those of Node.
import type { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';

export interface BunSocket<D> {
  data: D;
  readonly fd: number;
  readonly remoteAddress: string | undefined;
  readonly authorized: boolean;
  readonly alpnProtocol: string | false | null;
  /**
   * Returns how many octets were taken; -1 if the socket is closed. Does not store the others. A string is
   * written as UTF-8 unless `encoding` is given.
   */
  write(octets: Uint8Array | string, encoding?: 'latin1'): number;
  /** Ends TLS and our side. Unlike after `end`, the socket can still be closed. */
  shutdown(): void;
  /** Closes both sides without a reset. Calls the `close` handler before it returns. */
  close(): void;
  /** Closes both sides with a reset. */
  terminate(): void;
  pause(): void;
  resume(): void;
  getTLSVersion(): string;
  /** All null before a suite is chosen. */
  getCipher(): { standardName: string | null } | null | undefined;
  getSession(): Uint8Array | undefined;
  getServername(): string | undefined;
  isSessionReused(): boolean;
  getPeerX509Certificate(): X509Certificate | undefined;
}

/** `S` is the `data` of the listener. A new socket shares it until it gets its own. */
export interface BunHandlers<D, S = D> {
  /** Before the handshake. */
  open(socket: BunSocket<D | S>): void;
  /** `error` may also be set if `success` is true: the certificate of the other side did not verify. */
  handshake?(socket: BunSocket<D>, success: boolean, error: NodeJS.ErrnoException | null): void;
  data(socket: BunSocket<D>, octets: Uint8Array): void;
  drain(socket: BunSocket<D>): void;
  end(socket: BunSocket<D>): void;
  close(socket: BunSocket<D>, error?: NodeJS.ErrnoException): void;
  /** Also called with errors that a handler throws. */
  error(socket: BunSocket<D>, error: NodeJS.ErrnoException): void;
  connectError?(socket: BunSocket<D>, error: NodeJS.ErrnoException): void;
  /** Returns the context for a client that names a host. Undefined: that of the listener. */
  serverName?(listener: S, name: string): unknown;
  keylog?(socket: BunSocket<D>, line: Uint8Array): void;
}

export interface BunTls {
  secureContext: unknown;
  serverName: string;
  requestCert: boolean;
  rejectUnauthorized: boolean;
  /** In the form of the protocol: each name after its length (RFC 7301 §3.1). */
  ALPNProtocols: Uint8Array;
}

export interface BunListener {
  readonly port: number;
  /** Accepts nothing new. Never with `true`, which would use freed memory. */
  stop(): void;
}

export interface BunListenOptions<D, S> {
  hostname: string;
  port: number;
  reusePort: boolean;
  exclusive: boolean;
  allowHalfOpen: true;
  data: S;
  tls: BunTls;
  socket: BunHandlers<D, S>;
}

export type BunConnectOptions<D> = ({ hostname: string; port: number } | { unix: string }) & {
  allowHalfOpen: true;
  data: D;
  tls?: BunTls;
  socket: BunHandlers<D>;
};

interface Bun {
  listen<D, S>(options: BunListenOptions<D, S>): BunListener;
  connect<D>(options: BunConnectOptions<D>): Promise<BunSocket<D>>;
}

/** @throws TypeError outside Bun */
export function bunSockets(): Bun {
  const { Bun: bun } = globalThis as { Bun?: Bun };
  if (!bun) throw new TypeError('This transport needs Bun.');
  return bun;
}

/** Bun's own context inside one of `node:tls`. */
export function innerContext(context: SecureContext): unknown {
  return context.context;
}
