// tls-alpn-01 (RFC 8737 §3, RFC 8738 §6): a TLS server that speaks acme-tls/1 presents a certificate for the
// challenge. Its only name is the identifier, and a critical extension has the digest of the key
// authorization.
import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { ParsedCertificate } from '@gatehouse/x509';
import { readAcmeIdentifier, readCertificate, X509Error } from '@gatehouse/x509';
import type { Identifier } from '../order/identifiers.ts';
import { AcmeError } from '../problem.ts';
import type { ChallengeAttempt } from './attempt.ts';
import { codeOf, connectionError } from './failure.ts';
import { reverseName } from './reverse-name.ts';
import type { Targets, TcpConnection } from './target.ts';

const PROTOCOL = 'acme-tls/1';

/**
 * Resolves when the server presented the certificate. Throws AcmeError `connection`, `dns`, `tls`,
 * `unauthorized`.
 */
export async function validateTlsAlpn01(
  { identifier, keyAuthorization, signal }: ChallengeAttempt,
  targets: Targets,
  port: number,
): Promise<void> {
  const connection = await targets.connect(identifier.value, port, signal);
  const presented = await presentedCertificate(connection, serverName(identifier), port);
  requireChallengeCertificate(presented, identifier, hash('sha256', keyAuthorization, 'buffer'));
}

/** SNI cannot have addresses. RFC 8738 §6 uses the name of the reverse mapping. */
function serverName({ type, value }: Identifier): string {
  return type === 'ip' ? reverseName(value) : value;
}

function presentedCertificate(
  { socket: plain, address }: TcpConnection,
  servername: string,
  port: number,
): Promise<Uint8Array> {
  const where = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: plain,
      servername,
      ALPNProtocols: [PROTOCOL],
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    socket.once('close', () =>
      reject(new AcmeError('tls', `${where} closed the connection during the handshake.`)),
    );
    socket.once('error', (error) => reject(handshakeError(where, error)));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()?.raw;
      const spoken = socket.alpnProtocol;
      socket.destroySoon();
      if (certificate && spoken === PROTOCOL) resolve(certificate);
      else reject(new AcmeError('tls', `${where} does not support ${PROTOCOL} (RFC 8737 §3).`));
    });
  });
}

function handshakeError(where: string, error: unknown): AcmeError {
  const code = codeOf(error);
  if (!code.startsWith('ERR_SSL')) return connectionError(where, error);
  return new AcmeError('tls', `The TLS handshake with ${where} failed (${code}).`, { cause: error });
}

function requireChallengeCertificate(der: Uint8Array, identifier: Identifier, digest: Uint8Array): void {
  const found = readChallengeCertificate(der);
  const [name, ...others] = found.certificate.subjectAltNames;
  const type = identifier.type === 'ip' ? 'iPAddress' : 'dNSName';
  const isOnlyName =
    others.length === 0 && name?.type === type && name.value.toLowerCase() === identifier.value;
  if (!isOnlyName) throw unfit(`must have ${identifier.value} as its only name`);
  if (!found.extension?.isCritical) throw unfit('must have a critical acmeIdentifier extension');
  if (Buffer.compare(found.extension.digest, digest) !== 0) throw unfit('has another key authorization');
}

function readChallengeCertificate(der: Uint8Array): {
  certificate: ParsedCertificate;
  extension: ReturnType<typeof readAcmeIdentifier>;
} {
  try {
    return { certificate: readCertificate(der), extension: readAcmeIdentifier(der) };
  } catch (error) {
    if (error instanceof X509Error) throw unfit(`cannot be read: ${error.message}`);
    throw error;
  }
}

function unfit(problem: string): AcmeError {
  return new AcmeError('unauthorized', `The presented certificate ${problem} (RFC 8737 §3).`);
}
