// Reads a client's certificate (docs/wire/client-certificate.md) once for each connection, after TLS has
// verified it. Refuses certificates that TLS did not verify, certificates of authorities, keys that must not
// sign, other purposes than clientAuth (RFC 5280 §4.2.1.12), unknown critical extensions, and certificates
// that do not name exactly one owner.
import { hash } from 'node:crypto';
import type { ParsedCertificate } from '@gatehouse/x509/reading';
import { readCertificate, verifySignature, X509Error } from '@gatehouse/x509/reading';
import { GatehouseError } from '../errors/errors.ts';
import type { Owner } from '../principals/principal.ts';
import { ownerOfSpiffeId } from './spiffe-id.ts';

/** A certificate that can identify the caller. */
export interface ClientCertificate {
  /** Lower-case hex. */
  serialNumber: string;
  /** The key identifier of its issuer, lower-case hex (RFC 5280 §4.2.1.1). */
  issuerKeyId: string;
  /** Whether this key (SPKI in DER) signed the certificate. */
  isSignedBy(spki: Uint8Array): boolean;
  /** Milliseconds since the epoch. The certificate is still valid during the second that begins then. */
  notAfter: number;
  owner: Owner;
  /** base64url of the SHA-256 of its DER (RFC 8705 §3.1). */
  thumbprint: string;
}

/** Either a certificate that can identify the caller, or the reason why it cannot. */
export type PresentedCertificate =
  | { certificate: ClientCertificate; flaw?: undefined }
  | { certificate?: undefined; flaw: string };

/**
 * The flaw of a server's certificate. It may still be used for a renewal.
 * @example
 * if (presented.flaw === NOT_FOR_CLIENTS) offerRenewal();
 */
export const NOT_FOR_CLIENTS = 'The client certificate is not for clients.';

/** The certificate of a TLS connection, reported by the transport. */
export interface PeerCertificate {
  der: Uint8Array;
  /** OpenSSL's code, as Node names it, if the chain did not verify. */
  error: string | undefined;
}

/**
 * Reads the certificate that the other side of a connection presented.
 * @example
 * const { certificate, flaw } = presentedBy({ der, error: undefined });
 */
export function presentedBy({ der, error }: PeerCertificate): PresentedCertificate {
  if (error !== undefined) return { flaw: certificateFailureInWords(error) };
  try {
    return { certificate: readClientCertificate(der) };
  } catch (failure) {
    if (failure instanceof GatehouseError) return { flaw: failure.message };
    throw failure;
  }
}

/**
 * Reads a certificate that TLS has verified.
 * @throws GatehouseError `client_certificate_invalid`
 * @example
 * const { owner, serialNumber } = readClientCertificate(der);
 */
export function readClientCertificate(der: Uint8Array): ClientCertificate {
  const parsed = parse(der);
  if (parsed.isCa) throw invalid('is an authority’s');
  if (!parsed.extendedKeyUsage?.includes('clientAuth')) throw invalid('is not for clients');
  if (parsed.keyUsage?.includes('digitalSignature') === false) throw invalid('has a key that may not sign');
  if (parsed.uninterpretedCritical.length > 0) {
    throw invalid(
      `has critical extensions that this server does not know: ${parsed.uninterpretedCritical.join(', ')}`,
    );
  }
  if (parsed.authorityKeyIdentifier === undefined) throw invalid('does not name its issuer’s key');
  const owner = ownerOf(parsed);
  requireSvid(parsed);
  return {
    serialNumber: parsed.serialNumber,
    issuerKeyId: parsed.authorityKeyIdentifier,
    isSignedBy: cachedSignatureCheck(parsed),
    notAfter: parsed.notAfter.getTime(),
    owner,
    thumbprint: hash('sha256', der, 'base64url'),
  };
}

/**
 * Every request calls this. The result is cached, because a certificate always has the same issuer.
 */
function cachedSignatureCheck(parsed: ParsedCertificate): ClientCertificate['isSignedBy'] {
  let checkedFor: Uint8Array | undefined;
  let isSigned = false;
  return (spki) => {
    if (!checkedFor || Buffer.compare(checkedFor, spki) !== 0) isSigned = verifySignature(parsed, spki);
    checkedFor = spki;
    return isSigned;
  };
}

/**
 * Why a client certificate could not be verified. `code` is OpenSSL's, as Node names it.
 * @example
 * log.info(certificateFailureInWords('CERT_HAS_EXPIRED'));
 */
export function certificateFailureInWords(code: string): string {
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

/** The older form, before SPIFFE IDs. It is still accepted. */
const OWNER = /^urn:gatehouse:(user|service):([^:]+)$/;
const SPIFFE = /^spiffe:/i;

function ownerOf(certificate: ParsedCertificate): Owner {
  const owner = ownerNamed(certificate);
  if (!owner) throw invalid('does not name one owner');
  return owner;
}

/**
 * X509-SVID §4.3: a certificate with a SPIFFE ID has a keyUsage with digitalSignature, and may sign neither
 * certificates nor revocation lists.
 */
function requireSvid({ subjectAltNames, keyUsage = [] }: ParsedCertificate): void {
  if (!urisOf(subjectAltNames).some((uri) => SPIFFE.test(uri))) return;
  const signsForOthers = keyUsage.includes('keyCertSign') || keyUsage.includes('cRLSign');
  if (keyUsage.includes('digitalSignature') && !signsForOthers) return;
  throw invalid('has a SPIFFE ID, but not the keyUsage that a SPIFFE certificate needs');
}

/**
 * The owner, in exactly our spelling: a SPIFFE ID that is the only URI (X509-SVID §2), or one URI of the
 * older form.
 * @example
 * const owner = ownerNamed(readCertificate(der));
 */
export function ownerNamed({
  subjectAltNames,
}: Pick<ParsedCertificate, 'subjectAltNames'>): Owner | undefined {
  const uris = urisOf(subjectAltNames);
  const [first = ''] = uris;
  if (uris.some((uri) => SPIFFE.test(uri))) return uris.length === 1 ? ownerOfSpiffeId(first) : undefined;
  const owners = uris.filter((uri) => /^urn:gatehouse:/i.test(uri)).map(ownerFrom);
  return owners.length === 1 ? owners[0] : undefined;
}

function urisOf(names: ParsedCertificate['subjectAltNames']): string[] {
  return names.flatMap((name) => (name.type === 'uniformResourceIdentifier' ? [name.value] : []));
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
