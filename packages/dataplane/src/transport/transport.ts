// The interface of the engine to sockets and TLS. There are two implementations: `bun.ts` and `node.ts`.
// No code above this interface depends on which one runs.

/** How much is read from an upstream at a time. */
export type ReadSize = 'ordinary' | 'small';

export interface Transport {
  readonly name: 'bun' | 'node';
  /**
   * Listens with TLS. `accept` gets every connection whose handshake succeeded, and returns its events.
   * Rejects with Node's error codes, such as `EADDRINUSE`.
   */
  listen(options: ListenOptions, accept: (connection: Connection) => ConnectionEvents): Promise<Listener>;
  /** Connects to an upstream. `opened` follows when TLS, if any, has verified the other side. */
  /** With `small` reads, fewer octets wait in memory for a slow client, but large bodies take more time. */
  connect(target: Target, events: ConnectionEvents, reads?: ReadSize): Connection;
}

export interface ConnectionEvents {
  /** Only of `connect`: from now on, octets may be written. */
  opened?(): void;
  /** The octets are valid only during the call. */
  data(octets: Uint8Array): void;
  /** All written octets have left the process. Follows a `write` that returned false. */
  drained(): void;
  /** The other side has ended. Ours stays open until `end` or `destroy`. */
  ended(): void;
  /** The last call, exactly once. */
  closed(error: Error | undefined): void;
}

export interface Connection {
  /** The IP address of the other side, also after the end. */
  readonly address: string;
  /** Undefined without TLS, and for `connect` until `opened`. */
  readonly tls: TlsFacts | undefined;
  /**
   * Takes everything; the caller may then reuse the memory of `octets`. Returns false if octets wait in
   * memory (on Node: more than a few); `drained` then follows. Text is written as Latin-1. Does nothing after
   * `end` or `destroy`, or before `opened`.
   */
  write(octets: Uint8Array | string): boolean;
  /** Stops `data`. A transport may still deliver what it has already read. */
  pause(): void;
  resume(): void;
  /** Sends waiting octets, then ends our side. */
  end(): void;
  /**
   * Closes both sides at once. Waiting octets are lost. Only the event `closed` follows, after this call has
   * returned.
   */
  destroy(): void;
}

export interface TlsFacts {
  /** `TLSv1.3` */
  version: string;
  /** `TLS_AES_128_GCM_SHA256` */
  cipher: string;
  /** `X25519MLKEM768` */
  group: string;
  sni: string | undefined;
  alpn: string | undefined;
  resumed: boolean;
  peerCertificate: PeerCertificate | undefined;
}

export interface PeerCertificate {
  der: Uint8Array;
  /** OpenSSL's code, as Node names it, if the chain did not verify. */
  error: string | undefined;
}

export interface ListenOptions {
  host: string;
  port: number;
  /** Whether other processes share the port. */
  reusePort: boolean;
  maxConnections: number;
  handshakeSeconds: number;
  tls: ServerTls;
  /** Called for every handshake, successful or not. */
  handshake(record: HandshakeRecord): void;
}

export interface Listener {
  readonly port: number;
  /** For new connections; open ones continue. Resolves when it is in force. */
  present(tls: ServerTls): Promise<void>;
  /** How many connections may be open from now on. Excess connections stay open. */
  limit(maxConnections: number): void;
  /** Accepts nothing new. Open connections continue. */
  stop(): void;
}

/** The TLS settings of a listener. */
export interface ServerTls {
  /** The first is for clients that name no host, or an unknown one. */
  identities: readonly TlsIdentity[];
  /**
   * For ACME servers that validate a name (RFC 8737). Only on Node, because Bun chooses a certificate before
   * it shows ALPN.
   */
  challenges: readonly TlsIdentity[];
  minVersion: 'TLSv1.2' | 'TLSv1.3';
  maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Standard names, in the order of preference: `TLS_AES_128_GCM_SHA256`, `ECDHE-RSA-AES128-GCM-SHA256`. */
  suites: readonly string[];
  /** In the order of preference: `X25519MLKEM768`, `X25519`, `P-256`, `P-384`. */
  groups: readonly string[];
  clients: 'off' | 'request' | 'require';
  /** PEM of the roots and intermediates of client certificates. Without it, none is requested. */
  clientRoots: string | undefined;
  /** 48 octets that seal session tickets. All processes share them, if the transport can. */
  ticketKeys: Uint8Array;
  /** A path, only if the operator asked for it: secrets of every session, in the format of Wireshark. */
  keyLog: string | undefined;
}

export interface TlsIdentity {
  /** Host names in lower case, also `*.example.com`. Empty for the default identity. */
  names: readonly string[];
  /** PEM. */
  privateKey: string;
  /** PEM, leaf first. */
  certificateChain: string;
  /** DER, for clients that ask for the status of the certificate. */
  ocspResponse?: Uint8Array;
}

export interface HandshakeRecord {
  /** Milliseconds since the epoch. */
  time: number;
  address: string;
  /** The host name that the client asked for, also if the handshake failed. */
  sni: string | undefined;
  /** Undefined if the handshake failed before TLS agreed on a suite. */
  tls: TlsFacts | undefined;
  durationMs: number;
  /** A sentence; undefined for a successful handshake. */
  failure: string | undefined;
}

export interface Target {
  /** Either a host and port, or the path of a Unix socket. */
  address: { host: string; port: number } | { path: string };
  tls: ClientTls | undefined;
  connectSeconds: number;
}

/** How an upstream is verified: by `ca`, by the system's roots, or by a pin. It is always verified. */
export interface ClientTls {
  serverName: string;
  /** PEM of the only trusted roots; default: those of the system. */
  ca: string | undefined;
  /** `sha256/BASE64` of the required SPKI of the leaf. */
  pin: string | undefined;
  /** PEM of our certificate and its key, for an upstream that asks for one. */
  certificate: string | undefined;
  privateKey: string | undefined;
}
