// TLS on Bun: contexts of BoringSSL, and the facts of a handshake. In Bun, BoringSSL chooses the suites of
// TLS 1.3 itself, staples no OCSP response, and shares no ticket keys with other processes.
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { createSecureContext, rootCertificates, Server } from 'node:tls';
import type { BunListener, BunSocket, BunTls } from './bun-api.ts';
import { innerContext } from './bun-api.ts';
import { BORINGSSL_GROUP_FIELD, groupOfSession } from './groups.ts';
import type { ClientTls, PeerCertificate, ServerTls, TlsFacts, TlsIdentity } from './transport.ts';
import { isPinnedOnly } from './upstream-identity.ts';

// `http/1.1` in the form of the protocol.
const ALPN = Buffer.from('\x08http/1.1', 'latin1');
const GROUPS = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'];
// BoringSSL's own list contains SHA-1.
const SIGNATURES = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
].join(':');

/** Bun's own context for one of the identities. */
export function serverContext(tls: ServerTls, identity: TlsIdentity): unknown {
  return innerContext(createSecureContext(serverContextOptions(tls, identity)));
}

function serverContextOptions(tls: ServerTls, identity: TlsIdentity): ContextOptions {
  const suites12 = tls.suites.filter((suite) => !suite.startsWith('TLS_'));
  const asksClients = tls.clients !== 'off' && tls.clientRoots !== undefined;
  return {
    key: identity.privateKey,
    cert: identity.certificateChain,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    ecdhCurve: tls.groups.join(':'),
    sigalgs: SIGNATURES,
    ...(suites12.length > 0 ? { ciphers: suites12.join(':') } : {}),
    honorCipherOrder: true,
    ...(asksClients ? { ca: tls.clientRoots } : {}),
    requestCert: asksClients,
    rejectUnauthorized: asksClients && tls.clients === 'require',
  };
}

/**
 * New connections to `listener` get this context unless they ask for another name. Bun has no function for
 * it, but its `node:tls` does this for its own servers, whose `_handle` is a listener like ours. Replacing
 * the listener with a second one on the same port would lose the connections that the first has not accepted
 * yet.
 */
export function replaceContext(listener: BunListener, tls: ServerTls, identity: TlsIdentity): void {
  const options = serverContextOptions(tls, identity);
  const server = new Server(options) as Server & { _handle: BunListener | null };
  server._handle = listener;
  server.setSecureContext(options);
  server._handle = null;
}

/** The context decides whether clients are asked for a certificate. These options must not contradict it. */
export function listenerTls(tls: ServerTls, secureContext: unknown): BunTls {
  const requestCert = tls.clients !== 'off' && tls.clientRoots !== undefined;
  const rejectUnauthorized = requestCert && tls.clients === 'require';
  return { secureContext, serverName: 'default', requestCert, rejectUnauthorized, ALPNProtocols: ALPN };
}

export function clientTls(tls: ClientTls): BunTls {
  const options: ContextOptions = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ecdhCurve: GROUPS.join(':'),
    sigalgs: SIGNATURES,
    // Without its own roots, a context would accept any certificate.
    ca: tls.ca ?? [...rootCertificates],
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate, key: tls.privateKey }),
    requestCert: true,
    rejectUnauthorized: !isPinnedOnly(tls),
  };
  return {
    secureContext: innerContext(createSecureContext(options)),
    // RFC 6066 §3: an address is not sent.
    serverName: isIP(tls.serverName) ? '' : tls.serverName,
    requestCert: true,
    rejectUnauthorized: !isPinnedOnly(tls),
    ALPNProtocols: ALPN,
  };
}

/** `createSecureContext` of Bun also accepts these. */
interface ContextOptions extends SecureContextOptions {
  requestCert?: boolean;
  rejectUnauthorized?: boolean;
}

/** Undefined if the handshake failed before a suite was chosen. */
export function factsOf(
  socket: BunSocket<unknown>,
  error: NodeJS.ErrnoException | null,
): TlsFacts | undefined {
  const suite = socket.getCipher()?.standardName;
  if (!suite) return undefined;
  return {
    version: socket.getTLSVersion(),
    cipher: suite,
    group: groupOfSession(socket.getSession(), BORINGSSL_GROUP_FIELD),
    sni: socket.getServername() || undefined,
    alpn: socket.alpnProtocol || undefined,
    resumed: socket.isSessionReused(),
    peerCertificate: peerCertificate(socket, error),
  };
}

// Bun reports a missing certificate like one whose issuer is missing.
function peerCertificate(
  socket: BunSocket<unknown>,
  error: NodeJS.ErrnoException | null,
): PeerCertificate | undefined {
  const der = socket.getPeerX509Certificate()?.raw;
  return der && { der, error: error ? (error.code ?? error.message) : undefined };
}
