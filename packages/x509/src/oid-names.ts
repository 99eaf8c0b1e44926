// Names for people of object identifiers: extensions (RFC 5280 §4.2, §5.2) and signature algorithms (RFC 5758, RFC 4055, RFC 8410,
// RFC 9881). Nothing is decided by them.
import { readAlgorithmIdentifier } from './algorithm.ts';
import { readDer } from './der/read.ts';
import { EXTENSION, LIST_EXTENSION } from './oids.ts';

/** `keyUsage`; the dotted OID where there is no name here. */
export function extensionName(oid: string): string {
  return EXTENSION_NAME.get(oid) ?? oid;
}

/**
 * `ecdsa-with-SHA256`; the dotted OID where there is no name here.
 * @param algorithmIdentifier DER, as `SignedOctets` has it
 * @throws DerError
 */
export function signatureAlgorithmName(algorithmIdentifier: Uint8Array): string {
  const { oid } = readDer(algorithmIdentifier, readAlgorithmIdentifier);
  return SIGNATURE_NAME.get(oid) ?? oid;
}

const EXTENSION_NAME = new Map<string, string>(
  [...Object.entries(LIST_EXTENSION), ...Object.entries(EXTENSION)].map(([name, oid]) => [oid, name]),
);

const SIGNATURE_NAME = new Map([
  ['1.2.840.10045.4.1', 'ecdsa-with-SHA1'],
  ['1.2.840.10045.4.3.2', 'ecdsa-with-SHA256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-with-SHA384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-with-SHA512'],
  ['1.2.840.113549.1.1.4', 'md5WithRSAEncryption'],
  ['1.2.840.113549.1.1.5', 'sha1WithRSAEncryption'],
  ['1.2.840.113549.1.1.10', 'RSASSA-PSS'],
  ['1.2.840.113549.1.1.11', 'sha256WithRSAEncryption'],
  ['1.2.840.113549.1.1.12', 'sha384WithRSAEncryption'],
  ['1.2.840.113549.1.1.13', 'sha512WithRSAEncryption'],
  ['1.3.101.112', 'Ed25519'],
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
]);
