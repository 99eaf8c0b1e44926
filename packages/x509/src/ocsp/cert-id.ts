// CertID (RFC 6960 §4.1.1): a certificate by hashes of its issuer's name and key, and its serial number.
// Hashes other than SHA-1 and SHA-256 are read, but none is made of them.
import { hash } from 'node:crypto';
import { readAlgorithmIdentifier } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { type DerNode, nullValue, objectIdentifier, octetString, sequence } from '../der/write.ts';
import { readSerialNumber, serialNumberInteger } from '../issue/serial-number.ts';
import { readKeyBits } from '../keys/spki.ts';
import { HASH_ALGORITHM } from '../oids.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';

export type CertIdHash = keyof typeof HASH_ALGORITHM;

/** The issuer of a certificate, as a CertID names it. Hashes are lower-case hex. */
export interface HashedIssuer {
  /** `sha1`, `sha256`, or the dotted OID of another one. */
  readonly hashAlgorithm: string;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
}

/** One certificate, as a request asks for it. */
export interface CertId extends HashedIssuer {
  /** The whole CertID in DER, for the answer to repeat. */
  readonly certId: Uint8Array;
  /** Lower-case hex. */
  readonly serialNumber: string;
}

export const CERT_ID_HASHES = Object.keys(HASH_ALGORITHM) as readonly CertIdHash[];

/** An authority as the issuer of others. */
export function hashIssuer(issuer: ParsedCertificate, hashAlgorithm: CertIdHash): HashedIssuer {
  return {
    hashAlgorithm,
    issuerNameHash: hash(hashAlgorithm, issuer.subject.der, 'hex'),
    issuerKeyHash: hash(hashAlgorithm, readDer(issuer.spki, readKeyBits), 'hex'),
  };
}

/** Whether two CertIDs name the same issuer. */
export function isSameIssuer(one: HashedIssuer, other: HashedIssuer): boolean {
  return (
    one.issuerKeyHash === other.issuerKeyHash &&
    one.issuerNameHash === other.issuerNameHash &&
    one.hashAlgorithm === other.hashAlgorithm
  );
}

/** The CertID of one certificate of this issuer, by SHA-1: the hash that every responder knows (RFC 5019 §2.1.1). */
export function encodeCertId(issuer: ParsedCertificate, serialNumber: string): DerNode {
  const { issuerNameHash, issuerKeyHash } = hashIssuer(issuer, 'sha1');
  return sequence(
    sequence(objectIdentifier(HASH_ALGORITHM.sha1), nullValue()),
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
  Object.entries(HASH_ALGORITHM).map(([name, oid]) => [oid, name]),
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
