// TLS on Node: the options of listeners and upstreams, and the facts of a handshake.
import { constants, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContextOptions, TLSSocket, TlsOptions } from 'node:tls';
import { groupOfSession, OPENSSL_GROUP_FIELD } from './groups.ts';
import type { ClientTls, PeerCertificate, ServerTls, TlsFacts, TlsIdentity } from './transport.ts';
import { isPinnedOnly } from './upstream-identity.ts';

export const ALPN: readonly string[] = ['http/1.1'];
const UPSTREAM_GROUPS = 'X25519MLKEM768:X25519:P-256:P-384';

export function serverContextOptions(tls: ServerTls, identity: TlsIdentity): SecureContextOptions {
  const asks = asksClients(tls);
  return {
    key: identity.privateKey,
    cert: identity.certificateChain,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    ciphers: tls.suites.join(':'),
    ecdhCurve: preference(tls.groups),
    honorCipherOrder: true,
    // RFC 9325 §3.5: renegotiation has no use here, and it costs the server more than the client.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: Buffer.from(tls.ticketKeys),
    ...(asks ? { ca: tls.clientRoots } : {}),
    // A session from a listener that requires no certificate must not be resumed at a listener that requires
    // one (RFC 8446 §4.6.1).
    sessionIdContext: `gatehouse-${asks ? tls.clients : 'off'}`,
  };
}

export function listenerOptions(tls: ServerTls, identity: TlsIdentity): TlsOptions {
  return { ...serverContextOptions(tls, identity), ...clientRequest(tls), ALPNProtocols: [...ALPN] };
}

/** Whether clients are asked for a certificate, and refused without a valid one. */
export function clientRequest(tls: ServerTls): { requestCert: boolean; rejectUnauthorized: boolean } {
  const requestCert = asksClients(tls);
  return { requestCert, rejectUnauthorized: requestCert && tls.clients === 'require' };
}

function asksClients(tls: ServerTls): boolean {
  return tls.clients !== 'off' && tls.clientRoots !== undefined;
}

// The slash (SSL_CTX_set1_groups_list) makes the server ask for the first group if the client supports it but
// sent a key share of another group. This costs a round trip.
function preference([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first}/${others.join(':')}`;
}

export function upstreamOptions(tls: ClientTls): ConnectionOptions {
  return {
    // SNI is for names (RFC 6066 §3).
    servername: isIP(tls.serverName) ? '' : tls.serverName,
    minVersion: 'TLSv1.2',
    ecdhCurve: UPSTREAM_GROUPS,
    ALPNProtocols: [...ALPN],
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate, key: tls.privateKey }),
    rejectUnauthorized: !isPinnedOnly(tls),
    // `identityFlaw` checks it, the same on both transports.
    checkServerIdentity: () => undefined,
  };
}

/**
 * The result of the negotiation. Call it while the connection is open, because Node does not have it later.
 * Undefined before a suite is chosen.
 * @example
 * const { version, cipher, group } = factsOf(socket);
 */
export function factsOf(socket: TLSSocket): TlsFacts | undefined {
  // There is no cipher before the handshake and after the end, although Node's types do not show that.
  const cipher: ReturnType<TLSSocket['getCipher']> | null | undefined = socket.getCipher();
  if (!cipher?.standardName) return undefined;
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher.standardName,
    group: groupOfSession(socket.getSession(), OPENSSL_GROUP_FIELD),
    sni: (socket as TLSSocket & { servername?: string | false }).servername || undefined,
    alpn: socket.alpnProtocol || undefined,
    resumed: socket.isSessionReused(),
    peerCertificate: peerCertificate(socket),
  };
}

function peerCertificate(socket: TLSSocket): PeerCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return undefined;
  // A string, although Node's types say Error.
  const error = socket.authorized ? undefined : String(socket.authorizationError);
  return { der: certificate.raw, error };
}

/** Finds the status to staple by the certificate that TLS has chosen. */
export function staples(identities: readonly TlsIdentity[]): (certificate: Buffer) => Buffer | null {
  const known = identities.flatMap(({ certificateChain, ocspResponse }) =>
    ocspResponse ? [{ leaf: new X509Certificate(certificateChain).raw, der: Buffer.from(ocspResponse) }] : [],
  );
  return (certificate) => known.find(({ leaf }) => leaf.equals(certificate))?.der ?? null;
}
