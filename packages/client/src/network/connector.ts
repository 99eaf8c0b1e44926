// Opens connections for undici: TLS 1.2 or newer, certificates that are always checked, pins, and addresses
// that may be restricted. Adds the server's chain to the error if a certificate is not trusted.
import { type LookupAddress, lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { createSecureContext, type PeerCertificate, TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { ClientError } from '../errors.ts';
import type { ConnectionLog } from './connection-log.ts';
import { createDirectReads } from './direct-reads.ts';
import { checkSubjectAltName } from './pem.ts';
import { chainOf, matchesPins } from './pins.ts';
import type { Trust } from './trust.ts';

export interface ConnectSettings {
  /** For handlers that copy what they keep (direct-reads.ts). */
  readsDirectly?: boolean;
  /** Offers HTTP/2 beside HTTP/1.1. */
  http2?: boolean;
  log?: ConnectionLog | undefined;
  connectSeconds: number;
  socketPath?: string | undefined;
  /** Refuses addresses for which it returns false. */
  isAllowed?: ((address: string) => boolean) | undefined;
}

/** A connector for an undici Agent. No session is resumed: Node does not check names and pins again. */
export function createConnector(trust: Trust, settings: ConnectSettings): buildConnector.connector {
  const options = connectOptions(trust, settings);
  const connectStreaming = buildConnector(options);
  const received = Buffer.allocUnsafeSlow(RECEIVED_BYTES);
  return (target, callback) => {
    const forbidden = forbiddenAddress(target.hostname, settings);
    if (forbidden !== undefined) return callback(forbidden, null);
    // Node reads directly from the network only, not from a tunnel.
    const mayBeHttp2 = settings.http2 === true && target.protocol === 'https:';
    const readsDirectly = settings.readsDirectly && target.httpSocket === undefined && !mayBeHttp2;
    const direct = readsDirectly ? createDirectReads(received) : undefined;
    const connect = direct === undefined ? connectStreaming : buildConnector({ ...options, ...direct });
    let chain: string[] = [];
    // biome-ignore lint/suspicious/noExplicitAny: undici's types hide that its connector returns the socket
    const socket = (connect as any)(withServerName(target, trust), (...outcome: Outcome) => {
      const [error, opened] = outcome;
      if (error !== null) return callback(Object.assign(error, { chain }), null);
      // After an alert the stream ends, and undici would report the end and not the alert.
      opened.once('error', () => opened.destroy());
      const mismatch = pinMismatch(opened, trust, target);
      if (mismatch === undefined) {
        isOpen?.();
        return callback(null, opened);
      }
      opened.destroy();
      callback(mismatch, null);
    }) as Socket;
    direct?.attach(socket);
    const isOpen = settings.log?.follow(socket);
    // Node forgets the certificates when it destroys a connection that it does not trust.
    if (socket instanceof TLSSocket) {
      socket.prependOnceListener('secure', () => {
        chain = chainOf(socket.getPeerCertificate(true)).map(String);
      });
    }
  };
}

const RECEIVED_BYTES = 64 * 1024;

function connectOptions(trust: Trust, settings: ConnectSettings): buildConnector.BuildOptions {
  return {
    allowH2: settings.http2 ?? false,
    secureContext: createSecureContext(trust.context),
    rejectUnauthorized: true, // explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off
    checkServerIdentity: (hostname: string, certificate: PeerCertificate) =>
      checkSubjectAltName(trust.serverName ?? hostname, certificate),
    ...(trust.serverName === undefined ? {} : { servername: trust.serverName }),
    maxCachedSessions: 0,
    timeout: settings.connectSeconds * 1000,
    socketPath: settings.socketPath ?? null,
    ...lookupOf(settings),
  } as buildConnector.BuildOptions;
}

type Outcome = [error: Error, socket: null] | [error: null, socket: Socket | TLSSocket];

function withServerName(target: buildConnector.Options, { serverName }: Trust): buildConnector.Options {
  return serverName === undefined || target.protocol !== 'https:'
    ? target
    : { ...target, servername: serverName };
}

function pinMismatch(
  socket: Socket,
  { pins }: Trust,
  target: buildConnector.Options,
): ClientError | undefined {
  if (pins.length === 0 || !(socket instanceof TLSSocket)) return undefined;
  const chain = chainOf(socket.getPeerCertificate(true));
  if (matchesPins(chain, pins)) return undefined;
  const cause = Object.assign(new Error('no certificate of the chain is pinned'), {
    chain: chain.map(String),
  });
  const message = `the certificate of ${target.host ?? target.hostname} has none of the pinned keys: compare the pins with its operator`;
  return new ClientError('pin', message, { cause });
}

function forbiddenAddress(hostname: string, { isAllowed }: ConnectSettings): ClientError | undefined {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isAllowed === undefined || isIP(address) === 0 || isAllowed(address)) return undefined;
  return forbidden(hostname, address);
}

/** Checks the addresses that are then connected to, so that a second answer of DNS cannot differ. */
function lookupOf({ isAllowed }: ConnectSettings): { lookup?: LookupFunction } {
  if (isAllowed === undefined) return {};
  return {
    lookup: (hostname, options, callback) =>
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, '');
        const refused = addresses.find(({ address }) => !isAllowed(address));
        if (refused !== undefined) return callback(forbidden(hostname, refused.address), '');
        const [first] = addresses as [LookupAddress];
        if (options.all === true) return callback(null, addresses);
        callback(null, first.address, first.family);
      }),
  };
}

function forbidden(hostname: string, address: string): ClientError {
  const message = `${hostname} leads to ${address}, which is not a public address: this client connects to public addresses only`;
  return new ClientError('forbidden_address', message);
}
