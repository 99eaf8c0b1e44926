// A small HTTP client on undici, with its own connections, TLS 1.2 or newer, and certificates that are always
// checked. Refuses URLs with a user name. Does not follow redirects, and does not read proxy settings.
import type { Readable } from 'node:stream';
import type { Dispatcher, Agent as UndiciAgent } from 'undici';

export type { OnStep } from './network/connector.ts';

import { createIdentify, type HeaderFields, type Identity } from './identity.ts';
import { createConnector, type OnStep } from './network/connector.ts';
import type { Trust } from './network/network-change.ts';
import { readTrust } from './network/trust.ts';
import { Agent, dispatchRequest } from './network/undici-parts.ts';
import { reportErrors } from './report-errors.ts';
import type { RevocationOptions } from './revocation/settings.ts';
import { defaultTimeouts, type Timeouts } from './timeouts.ts';

/** Which roots and pins a client trusts, which credentials it has, and how long it waits. */
export interface ClientOptions extends RevocationOptions {
  /** PEM with one or more certificates. They are trusted instead of the roots of Node. */
  roots?: string;
  /** Its credential. It is sent to the first origin only. */
  identity?: Identity;
  /**
   * The client certificate: its chain in PEM, with the client's certificate first, and its private key in
   * PEM.
   */
  certificate?: { chain: string; key: string };
  /** `sha256/BASE64` of public keys (SPKI). One certificate of the server's chain must have one of these. */
  pins?: readonly string[];
  /** How long it waits. */
  timeouts?: Timeouts;
  /** Called for each step of opening a connection, for a trace. */
  onStep?: OnStep;
  /** All connections go to this Unix socket. Only the host name and the path of a URL are used. */
  socketPath?: string;
}

/** A request without its URL. */
export interface ClientRequest {
  /** Default: GET. */
  method?: string;
  /** The header. The credential of the client is added. */
  headers?: HeaderFields;
  /** The content. Default: none. */
  body?: string | Uint8Array | Readable;
  /** Ends the request. */
  signal?: AbortSignal;
}

/** The answer to a request. */
export interface ClientResponse {
  status: number;
  /** Names in lower case. A field with several values is an array. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The octets, not decoded. Read or destroy the body: until then its connection cannot be used again. */
  body: Readable;
}

/** A client with its own connections. */
export interface Client {
  /**
   * Sends a request, and resolves when the header of the response is complete. Rejects with `ClientError`,
   * with the reason of the signal, or with `TypeError` for an unusable URL or option.
   */
  request(url: string | URL, request?: ClientRequest): Promise<ClientResponse>;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/**
 * Creates a client with its own connections. A byte order mark in PEM is ignored.
 * @throws TypeError if `roots` has no certificate, or if `certificate` is not a certificate with its key
 * @example
 * const client = createClient({ roots: rootPem, identity: { kind: 'apiKey', key } });
 * const { status, body } = await client.request('https://api.example.com/notes');
 */
export function createClient(options: ClientOptions = {}): Client {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agent = createAgent(options, timeouts);
  const dispatcher = agent.compose(
    reportErrors({
      timeouts,
      overSocket: options.socketPath !== undefined,
      hasCertificate: options.certificate !== undefined,
    }),
  );
  const identify = createIdentify(options.identity);
  return {
    async request(url, request = {}) {
      const target = parseTarget(url);
      const response = await dispatchRequest(dispatcher, {
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

function createAgent(options: ClientOptions, timeouts: Required<Timeouts>): UndiciAgent {
  return new Agent({
    allowH2: false,
    headersTimeout: timeouts.headersSeconds * 1000,
    bodyTimeout: timeouts.bodySeconds * 1000,
    connect: createConnector(trustOf(options), {
      connectSeconds: timeouts.connectSeconds,
      socketPath: options.socketPath,
      onStep: options.onStep,
    }),
  });
}

function trustOf({ roots, certificate, pins, revocation, crl }: ClientOptions): Trust {
  return readTrust({
    ...(pins === undefined ? {} : { pins }),
    ...(revocation === undefined ? {} : { revocation }),
    ...(crl === undefined ? {} : { crl }),
    ...(roots === undefined ? {} : { ca: roots }),
    ...(certificate === undefined ? {} : { certificate: certificate.chain, key: certificate.key }),
  });
}

function parseTarget(url: string | URL): URL {
  const target = URL.parse(url);
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:')) {
    throw new TypeError('the URL must begin with https:// or http://');
  }
  if (target.username !== '' || target.password !== '') {
    throw new TypeError('the URL must not have a user name or a password');
  }
  return target;
}
