// The TLS options of our listeners in Node: those that the settings allow (RFC 9325). Node servers do not
// support 0-RTT. Also reads the result of a handshake.
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';
import type { ServerIdentity } from '@gatehouse/access';
import type { TlsSettings } from './tls-settings.ts';

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
  [0x0019, 'P-521'],
  [0x001e, 'X448'],
  [0x11eb, 'SecP256r1MLKEM768'],
  [0x11ed, 'SecP384r1MLKEM1024'],
]);
export function serverTlsOptions(
  settings: TlsSettings,
  identity: ServerIdentity,
  clients: ClientAuthentication = 'off',
): TlsOptions {
  return {
    key: identity.privateKey,
    cert: identity.certificateChain,
    ticketKeys: Buffer.from(identity.ticketKeys),
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
    ciphers: settings.suites.join(':'),
    ecdhCurve: groupPreference(settings.groups),
    honorCipherOrder: true,
    // RFC 9325 §3.5: renegotiation has no use here, and it costs the server more than the client.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ALPNProtocols: ['http/1.1'],
    ...clientOptions(identity, clients),
  };
}

/**
 * Because of the slash (SSL_CTX_set1_groups_list), a client that supports the first group but sent a key
 * share of another is asked for the first one, which costs a round trip.
 */
function groupPreference([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first}/${others.join(':')}`;
}

function clientOptions({ clientRoots }: ServerIdentity, clients: ClientAuthentication): TlsOptions {
  if (clients === 'off' || clientRoots === undefined) return {};
  return {
    ca: clientRoots,
    requestCert: true,
    rejectUnauthorized: clients === 'require',
    // A listener that requires a certificate must not resume a session from one that requires none (RFC 8446
    // §4.6.1).
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
  // Before the handshake and after the end there is no cipher, although Node's types have one.
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
