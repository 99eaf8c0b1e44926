// What a client's certificate says of its holder (docs/wire/client-certificate.md), read once a connection after TLS has
// verified it. Refuses what TLS did not verify, authorities, keys that do not sign, other purposes than clientAuth (RFC 5280
// §4.2.1.12), critical extensions that are not known here, and certificates that name no owner of ours, or two.
import { hash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ParsedCertificate } from '@gatehouse/x509/reading';
import { readCertificate, verifySignature, X509Error } from '@gatehouse/x509/reading';
import { GatehouseError } from './errors.ts';
import type { Owner } from './principal.ts';

export interface ClientCertificate {
  /** Lower-case hex. */
  serialNumber: string;
  /** The key identifier of its issuer, lower-case hex (RFC 5280 §4.2.1.1). */
  issuerKeyId: string;
  /** Whether the holder of this key (SPKI in DER) signed it. */
  isSignedBy(spki: Uint8Array): boolean;
  /** Milliseconds since the epoch; the last second that counts is the one that begins then. */
  notAfter: number;
  owner: Owner;
  /** base64url of the SHA-256 of its DER (RFC 8705 §3.1). */
  thumbprint: string;
}

/** Either a certificate that may say who calls, or why it may not. */
export type PresentedCertificate =
  | { certificate: ClientCertificate; flaw?: undefined }
  | { certificate?: undefined; flaw: string };

/** The flaw of a server's certificate, with which its holder may still renew it. */
export const NOT_FOR_CLIENTS = 'The client certificate is not for clients.';

/** The certificate that the client showed on this connection or on the one that it resumes; undefined where it showed none. */
export function presentedCertificate(socket: TLSSocket): PresentedCertificate | undefined {
  const shown = socket.getPeerX509Certificate();
  if (!shown) return undefined;
  if (!socket.authorized) return { flaw: verificationFlaw(String(socket.authorizationError)) };
  try {
    return { certificate: readClientCertificate(shown.raw) };
  } catch (error) {
    if (error instanceof GatehouseError) return { flaw: error.message };
    throw error;
  }
}

/** Why a handshake failed that required a certificate; undefined when it failed for another reason. */
export function handshakeFlaw({ code }: NodeJS.ErrnoException, socket: TLSSocket): string | undefined {
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE') return 'No client certificate was shown.';
  return socket.authorizationError ? verificationFlaw(String(socket.authorizationError)) : undefined;
}

/**
 * Reads a certificate that TLS has verified.
 * @throws GatehouseError `client_certificate_invalid`
 */
export function readClientCertificate(der: Uint8Array): ClientCertificate {
  const parsed = parse(der);
  if (parsed.isCa) throw invalid('is an authority’s');
  if (!parsed.extendedKeyUsage?.includes('clientAuth')) throw invalid('is not for clients');
  if (parsed.keyUsage?.includes('digitalSignature') === false) throw invalid('has a key that may not sign');
  if (parsed.uninterpretedCritical.length > 0) {
    throw invalid(
      `has critical extensions that are not known here: ${parsed.uninterpretedCritical.join(', ')}`,
    );
  }
  if (parsed.authorityKeyIdentifier === undefined) throw invalid('does not name its issuer’s key');
  return {
    serialNumber: parsed.serialNumber,
    issuerKeyId: parsed.authorityKeyIdentifier,
    isSignedBy: signatureJudge(parsed),
    notAfter: parsed.notAfter.getTime(),
    owner: ownerOf(parsed),
    thumbprint: hash('sha256', der, 'base64url'),
  };
}

/** Asked for every request, and answered from memory: the same connection meets the same issuer. */
function signatureJudge(parsed: ParsedCertificate): ClientCertificate['isSignedBy'] {
  let judged: Uint8Array | undefined;
  let verdict = false;
  return (spki) => {
    if (!judged || Buffer.compare(judged, spki) !== 0) verdict = verifySignature(parsed, spki);
    judged = spki;
    return verdict;
  };
}

/** `code` is OpenSSL's as Node names it. */
function verificationFlaw(code: string): string {
  return FLAWS.get(code) ?? `The client certificate is not valid (${code}).`;
}

const FLAWS: ReadonlyMap<string, string> = new Map([
  ...[
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ].map((code): [string, string] => [code, 'The client certificate was not issued here.']),
  ['CERT_HAS_EXPIRED', 'The client certificate, or one above it, has expired: get a new one.'],
  ['CERT_NOT_YET_VALID', 'The client certificate is not valid yet: check the clocks.'],
  ['INVALID_PURPOSE', NOT_FOR_CLIENTS],
]);

function parse(der: Uint8Array): ParsedCertificate {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof X509Error) throw invalid(`cannot be read (${error.message})`);
    throw error;
  }
}

const OWNER = /^urn:gatehouse:(user|service):([^:]+)$/;

function ownerOf(certificate: ParsedCertificate): Owner {
  const owner = ownerNamed(certificate);
  if (!owner) throw invalid('does not name one owner');
  return owner;
}

/** The owner, where the certificate has one URI of ours, spelled in the one way in which we write it. */
export function ownerNamed({
  subjectAltNames,
}: Pick<ParsedCertificate, 'subjectAltNames'>): Owner | undefined {
  const owners = subjectAltNames.flatMap((name) => {
    if (name.type !== 'uniformResourceIdentifier' || !/^urn:gatehouse:/i.test(name.value)) return [];
    return [ownerFrom(name.value)];
  });
  return owners.length === 1 ? owners[0] : undefined;
}

function ownerFrom(uri: string): Owner | undefined {
  const [, kind, encoded = ''] = OWNER.exec(uri) ?? [];
  if (kind !== 'user' && kind !== 'service') return undefined;
  try {
    const name = decodeURIComponent(encoded);
    return encodeURIComponent(name) === encoded ? { kind, name } : undefined;
  } catch {
    return undefined;
  }
}

function invalid(what: string): GatehouseError {
  return new GatehouseError('client_certificate_invalid', `The client certificate ${what}.`);
}
