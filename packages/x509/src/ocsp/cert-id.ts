// CertID (RFC 6960 §4.1.1): identifies a certificate by hashes of its issuer's name and key, and by its
// serial number. Other hash algorithms than SHA-1 and SHA-2 can be read, but match no issuer.
import { hash } from 'node:crypto';
import { readAlgorithmIdentifier } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { type DerNode, nullValue, objectIdentifier, octetString, sequence } from '../der/write.ts';
import { readKeyBits } from '../keys/spki.ts';
import { DIGEST } from '../oids.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { readSerialNumber, serialNumberInteger } from '../serial-number.ts';

/** A hash algorithm that can identify an issuer (RFC 3370 §2.1, RFC 5754 §2). */
export type CertIdHash = keyof typeof DIGEST;

/** The issuer in a CertID. Hashes are lower-case hex. */
export interface HashedIssuer {
  /** A `CertIdHash`, or the dotted OID of another algorithm. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
}

/** One certificate in a request. */
export interface CertId extends HashedIssuer {
  /** The whole CertID in DER. The answer repeats it. */
  readonly certId: Uint8Array;
  /** Lower-case hex. */
  readonly serialNumber: string;
}

export const CERT_ID_HASHES = Object.keys(DIGEST) as readonly CertIdHash[];

/**
 * The hashes that identify an authority as the issuer of a certificate.
 * @example
 * const { issuerKeyHash } = hashIssuer(readCertificate(issuerPem), 'sha256');
 */
export function hashIssuer(issuer: ParsedCertificate, hashAlgorithm: CertIdHash): HashedIssuer {
  return {
    hashAlgorithm,
    issuerNameHash: hash(hashAlgorithm, issuer.subject.der, 'hex'),
    issuerKeyHash: hash(hashAlgorithm, readDer(issuer.spki, readKeyBits), 'hex'),
  };
}

/** Whether two CertIDs have the same issuer. */
export function isSameIssuer(one: HashedIssuer, other: HashedIssuer): boolean {
  return (
    one.issuerKeyHash === other.issuerKeyHash &&
    one.issuerNameHash === other.issuerNameHash &&
    one.hashAlgorithm === other.hashAlgorithm
  );
}

/**
 * The CertID of a certificate with this issuer and this serial number. Every responder knows SHA-1 (RFC 5019
 * §2.1.1).
 */
export function encodeCertId(
  issuer: ParsedCertificate,
  serialNumber: string,
  hashAlgorithm: CertIdHash = 'sha1',
): DerNode {
  const { issuerNameHash, issuerKeyHash } = hashIssuer(issuer, hashAlgorithm);
  return sequence(
    sequence(objectIdentifier(DIGEST[hashAlgorithm]), nullValue()),
    octetString(Buffer.from(issuerNameHash, 'hex')),
    octetString(Buffer.from(issuerKeyHash, 'hex')),
    serialNumberInteger(serialNumber),
  );
}

/**
 * Reads one CertID.
 * @throws DerError
 */
export function readCertId(reader: DerReader): CertId {
  const { bytes, value } = reader.capture((outer) => outer.sequence(readFields));
  return { certId: bytes, ...value };
}

const NAME_OF_HASH: ReadonlyMap<string, string> = new Map(
  Object.entries(DIGEST).map(([name, oid]) => [oid, name]),
);

function readFields(fields: DerReader): Omit<CertId, 'certId'> {
  const { oid } = readAlgorithmIdentifier(fields);
  return {
    hashAlgorithm: NAME_OF_HASH.get(oid) ?? oid,
    issuerNameHash: hex(fields.octetString()),
    issuerKeyHash: hex(fields.octetString()),
    serialNumber: readSerialNumber(fields),
  };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}
