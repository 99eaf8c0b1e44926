// Writes extensions (RFC 5280 §4.2, §5.2; RFC 6960 §4.4): each function returns one whole Extension. Refuses
// empty lists, and URLs other than http://: to check the certificate of an https:// server, a client would
// already need the list or answer that it fetches (RFC 5280 §8).
import {
  boolean,
  type Der,
  type DerNode,
  encodeDer,
  enumerated,
  explicit,
  implicit,
  integer,
  namedBits,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../der/write.ts';
import { KEY_USAGES, type KeyPurpose, type KeyUsage } from '../key-usage.ts';
import { invalidName } from '../names/dns-name.ts';
import { encodeGeneralName, type GeneralName } from '../names/general-name.ts';
import { encodeNameConstraints, type NameConstraints } from '../names/name-constraints.ts';
import { ACCESS_METHOD, EXTENSION, KEY_PURPOSE, LIST_EXTENSION, OCSP } from '../oids.ts';

/** `pathLength` is the number of authorities that may follow below this one. Only for an authority. */
export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength?: number;
}

/** The `http://` URLs of OCSP responders and of the issuer's certificate in DER. */
export interface AuthorityInfoAccess {
  readonly ocsp?: readonly string[];
  readonly caIssuers?: readonly string[];
}

/** basicConstraints, critical (RFC 5280 §4.2.1.9). */
export function basicConstraints({ isCa, pathLength }: BasicConstraints): DerNode {
  const ca = isCa ? [boolean(true)] : [];
  const pathLenConstraint = pathLength === undefined ? [] : [integer(pathLength)];
  return criticalExtension(ENCODED_OID.basicConstraints, sequence(...ca, ...pathLenConstraint));
}

/** keyUsage, critical (RFC 5280 §4.2.1.3). */
export function keyUsage(usages: readonly KeyUsage[]): DerNode {
  const positions = requireSome(usages, 'keyUsage').map((usage) => KEY_USAGES.indexOf(usage));
  return criticalExtension(ENCODED_OID.keyUsage, namedBits(positions));
}

/** extendedKeyUsage (RFC 5280 §4.2.1.12). */
export function extendedKeyUsage(purposes: readonly KeyPurpose[]): DerNode {
  const oids = requireSome(purposes, 'extendedKeyUsage').map((purpose) =>
    objectIdentifier(KEY_PURPOSE[purpose]),
  );
  return extension(ENCODED_OID.extendedKeyUsage, sequence(...oids));
}

/** subjectKeyIdentifier (RFC 5280 §4.2.1.2). */
export function subjectKeyIdentifier(keyIdentifier: Uint8Array): DerNode {
  return extension(ENCODED_OID.subjectKeyIdentifier, octetString(keyIdentifier));
}

/** authorityKeyIdentifier with only the issuer's key identifier (RFC 5280 §4.2.1.1). */
export function authorityKeyIdentifier(keyIdentifier: Uint8Array): DerNode {
  return extension(ENCODED_OID.authorityKeyIdentifier, sequence(implicit(0, octetString(keyIdentifier))));
}

/** subjectAltName; critical when the subject is empty (RFC 5280 §4.2.1.6). */
export function subjectAltName(
  names: readonly GeneralName[],
  { isCritical }: { isCritical: boolean },
): DerNode {
  const value = sequence(...requireSome(names, 'subjectAltName').map(encodeGeneralName));
  return isCritical
    ? criticalExtension(ENCODED_OID.subjectAltName, value)
    : extension(ENCODED_OID.subjectAltName, value);
}

/** nameConstraints, critical (RFC 5280 §4.2.1.10). */
export function nameConstraints(constraints: NameConstraints): DerNode {
  return criticalExtension(ENCODED_OID.nameConstraints, encodeNameConstraints(constraints));
}

/** authorityInfoAccess (RFC 5280 §4.2.2.1). */
export function authorityInfoAccess({ ocsp = [], caIssuers = [] }: AuthorityInfoAccess): DerNode {
  const descriptions = [
    ...ocsp.map((url) => accessDescription(ACCESS_METHOD.ocsp, url)),
    ...caIssuers.map((url) => accessDescription(ACCESS_METHOD.caIssuers, url)),
  ];
  return extension(
    ENCODED_OID.authorityInfoAccess,
    sequence(...requireSome(descriptions, 'authorityInfoAccess')),
  );
}

/** cRLDistributionPoints with one point. All its URLs lead to the same list (RFC 5280 §4.2.1.13). */
export function cRLDistributionPoints(urls: readonly string[]): DerNode {
  const fullName = implicit(0, sequence(...requireSome(urls, 'cRLDistributionPoints').map(httpLocation)));
  return extension(ENCODED_OID.cRLDistributionPoints, sequence(sequence(explicit(0, fullName))));
}

/**
 * id-pkix-ocsp-nocheck: the revocation of the responder's certificate is not checked (RFC 6960 §4.2.2.2.1).
 */
export function ocspNoCheck(): DerNode {
  return extension(ENCODED_OID.ocspNoCheck, nullValue());
}

/** acmeIdentifier, critical: the SHA-256 of a key authorization (RFC 8737 §3). */
export function acmeIdentifier(digest: Uint8Array): DerNode {
  return criticalExtension(ENCODED_OID.acmeIdentifier, octetString(digest));
}

/** cRLNumber (RFC 5280 §5.2.3). */
export function cRLNumber(number: bigint): DerNode {
  return extension(ENCODED_OID.cRLNumber, integer(number));
}

/**
 * issuingDistributionPoint, critical: the URL of a list of everything that its issuer revoked (RFC 5280
 * §5.2.5).
 */
export function issuingDistributionPoint(url: string): DerNode {
  const fullName = implicit(0, sequence(httpLocation(url)));
  return criticalExtension(ENCODED_OID.issuingDistributionPoint, sequence(explicit(0, fullName)));
}

/** reasonCode of an entry in a revocation list (RFC 5280 §5.3.1). */
export function reasonCode(code: number): DerNode {
  return extension(ENCODED_OID.reasonCode, enumerated(code));
}

/** The nonce of an OCSP request or response (RFC 9654 §2.1). */
export function ocspNonce(nonce: Uint8Array): DerNode {
  return extension(ENCODED_OID.ocspNonce, octetString(nonce));
}

/** Encoded once, because every certificate has some of them. */
const ENCODED_OID = {
  acmeIdentifier: encodeDer(objectIdentifier(EXTENSION.acmeIdentifier)),
  basicConstraints: encodeDer(objectIdentifier(EXTENSION.basicConstraints)),
  keyUsage: encodeDer(objectIdentifier(EXTENSION.keyUsage)),
  extendedKeyUsage: encodeDer(objectIdentifier(EXTENSION.extendedKeyUsage)),
  subjectKeyIdentifier: encodeDer(objectIdentifier(EXTENSION.subjectKeyIdentifier)),
  authorityKeyIdentifier: encodeDer(objectIdentifier(EXTENSION.authorityKeyIdentifier)),
  subjectAltName: encodeDer(objectIdentifier(EXTENSION.subjectAltName)),
  nameConstraints: encodeDer(objectIdentifier(EXTENSION.nameConstraints)),
  authorityInfoAccess: encodeDer(objectIdentifier(EXTENSION.authorityInfoAccess)),
  ocspNoCheck: encodeDer(objectIdentifier(EXTENSION.ocspNoCheck)),
  cRLNumber: encodeDer(objectIdentifier(LIST_EXTENSION.cRLNumber)),
  reasonCode: encodeDer(objectIdentifier(LIST_EXTENSION.reasonCode)),
  issuingDistributionPoint: encodeDer(objectIdentifier(LIST_EXTENSION.issuingDistributionPoint)),
  ocspNonce: encodeDer(objectIdentifier(OCSP.nonce)),
  cRLDistributionPoints: encodeDer(objectIdentifier(EXTENSION.cRLDistributionPoints)),
} as const;
const CRITICAL = encodeDer(boolean(true));

function extension(oid: Uint8Array, value: Der): DerNode {
  return sequence(oid, octetString(value));
}

function criticalExtension(oid: Uint8Array, value: Der): DerNode {
  return sequence(oid, CRITICAL, octetString(value));
}

function accessDescription(method: string, url: string): DerNode {
  return sequence(objectIdentifier(method), httpLocation(url));
}

function httpLocation(url: string): DerNode {
  if (!url.startsWith('http://')) throw invalidName(url, 'must begin with http:// (RFC 5280 §8)');
  return encodeGeneralName({ type: 'uniformResourceIdentifier', value: url });
}

function requireSome<T>(items: readonly T[], extensionName: string): readonly T[] {
  if (items.length === 0) throw new TypeError(`${extensionName} must not be empty`);
  return items;
}
