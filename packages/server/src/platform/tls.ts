// The TLS options of all our listeners: TLS 1.3 with X25519MLKEM768 first; 1.2 only when configured, and then
// only with ECDHE and AEAD (RFC 9325). Node servers do not support 0-RTT. Also reads what was negotiated.
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';

export interface TlsSettings {
  minVersion: '1.2' | '1.3';
}

/** What a TLS server presents, and what it needs to resume sessions. */
export interface ServerIdentity {
  /** PEM. */
  privateKey: string;
  /** PEM, leaf first. */
  certificateChain: string;
  /** 48 bytes that seal session tickets. All workers share them, so that each can resume any session. */
  ticketKeys: Uint8Array;
  /** A fresh OCSP response for the certificate, in DER: stapled for clients that ask (RFC 8446 §4.4.2.1). */
  ocspResponse?: Uint8Array;
  /**
   * PEM of the roots and intermediates that client certificates must lead to. Without it, the server requests
   * no certificate.
   */
  clientRoots?: string;
}

/**
 * Whether clients are asked for a certificate (RFC 8446 §4.3.2). Without a valid one, the handshake fails
 * with `require`. With `request` it succeeds, and a request that needs a certificate is refused later, with a
 * reason.
 */
export type ClientAuthentication = 'off' | 'request' | 'require';

// Our groups by their number (IANA, TLS Supported Groups).
const GROUPS: ReadonlyMap<number, string> = new Map([
  [0x11ec, 'X25519MLKEM768'],
  [0x001d, 'X25519'],
  [0x0017, 'P-256'],
  [0x0018, 'P-384'],
]);
// In the order of preference. Because of the slash (SSL_CTX_set1_groups_list), a client that supports the
// first group but sent a key share of another is asked for the first one, which costs a round trip.
const GROUP_PREFERENCE = 'X25519MLKEM768/X25519:P-256:P-384';
const CIPHERS_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const CIPHERS_12 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
];

export function serverTlsOptions(
  settings: TlsSettings,
  identity: ServerIdentity,
  clients: ClientAuthentication = 'off',
): TlsOptions {
  const ciphers = settings.minVersion === '1.2' ? [...CIPHERS_13, ...CIPHERS_12] : CIPHERS_13;
  return {
    key: identity.privateKey,
    cert: identity.certificateChain,
    ticketKeys: Buffer.from(identity.ticketKeys),
    minVersion: `TLSv${settings.minVersion}`,
    maxVersion: 'TLSv1.3',
    ciphers: ciphers.join(':'),
    ecdhCurve: GROUP_PREFERENCE,
    honorCipherOrder: true,
    // RFC 9325 §3.5: renegotiation has no use here, and it costs the server more than the client.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ALPNProtocols: ['http/1.1'],
    ...clientOptions(identity, clients),
  };
}

function clientOptions({ clientRoots }: ServerIdentity, clients: ClientAuthentication): TlsOptions {
  if (clients === 'off' || clientRoots === undefined) return {};
  return {
    ca: clientRoots,
    requestCert: true,
    rejectUnauthorized: clients === 'require',
    // A session from a listener that requires no certificate must not be resumed where one is required (RFC
    // 8446 §4.6.1).
    sessionIdContext: `gatehouse-${clients}`,
  };
}

/** Whether both give the same TLS options. The stapled OCSP response is not an option. */
export function sameContext(one: ServerIdentity, other: ServerIdentity): boolean {
  const same = (['privateKey', 'certificateChain', 'clientRoots'] as const).every(
    (part) => one[part] === other[part],
  );
  return same && Buffer.compare(one.ticketKeys, other.ticketKeys) === 0;
}

/** Staples `response()` for clients that ask for the certificate's status (RFC 6066 §8). */
export function stapleOcsp(server: Server, response: () => Uint8Array | undefined): void {
  server.on('OCSPRequest', (_certificate, _issuer, answer) => {
    const der = response();
    answer(null, der ? Buffer.from(der) : null);
  });
}

/** Finds the address of a client, also after a failed handshake, when Node has forgotten it. */
export function rememberAddresses(server: Server): (socket: TLSSocket) => string | undefined {
  const addresses = new WeakMap<Socket, string | undefined>();
  server.on('connection', (raw: Socket) => addresses.set(raw, raw.remoteAddress));
  return (socket) => {
    const raw = rawSocketOf(socket);
    return socket.remoteAddress ?? (raw && addresses.get(raw));
  };
}

/** The TCP connection below a TLS connection. Node has no documented access to it. */
export function rawSocketOf(socket: TLSSocket): Socket | undefined {
  const { _parent: raw } = socket as TLSSocket & { _parent?: Socket };
  return raw;
}

export interface NegotiatedTls {
  version: string;
  cipher: string;
  group: string;
}

/** Call it while the connection is open: Node forgets everything when the socket is destroyed. */
export function negotiatedTls(socket: TLSSocket): NegotiatedTls {
  // Before the handshake and after the end there is no cipher, but Node's types do not say so.
  const cipher: ReturnType<TLSSocket['getCipher']> | null | undefined = socket.getCipher();
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher?.standardName ?? 'unknown',
    group: groupOfSession(socket.getSession()),
  };
}

// Node shows the group only to clients. OpenSSL writes it as the last field of the encoded session: [19]
// INTEGER (SSL_SESSION_ASN1 in ssl/ssl_asn1.c), which is `b3 len 02 len value`.
const GROUP_FIELD_MAX_BYTES = 7;

function groupOfSession(session: Buffer | undefined): string {
  if (!session) return 'unknown';
  for (let length = 5; length <= GROUP_FIELD_MAX_BYTES; length += 1) {
    const at = session.length - length;
    if (session[at] !== 0xb3 || session[at + 1] !== length - 2) continue;
    if (session[at + 2] !== 0x02 || session[at + 3] !== length - 4) continue;
    const id = session.readUIntBE(at + 4, length - 4);
    return GROUPS.get(id) ?? `0x${id.toString(16).padStart(4, '0')}`;
  }
  return 'unknown';
}
