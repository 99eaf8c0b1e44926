// Names of object identifiers, only for people to read: extensions (RFC 5280 §4.2, §5.2) and signature
// algorithms (RFC 5758, RFC 4055, RFC 8410, RFC 9881).
import { readAlgorithmIdentifier } from './algorithm.ts';
import { readDer } from './der/read.ts';
import { EXTENSION, LIST_EXTENSION } from './oids.ts';

/**
 * The name of an extension, or its dotted OID if it has no name here.
 * @example
 * extensionName('2.5.29.15'); // 'keyUsage'
 */
export function extensionName(oid: string): string {
  return EXTENSION_NAME.get(oid) ?? oid;
}

/**
 * The name of a signature algorithm, or its dotted OID if it has no name here.
 * @param algorithmIdentifier in DER, such as the `signatureAlgorithm` of a certificate
 * @throws DerError
 * @example
 * signatureAlgorithmName(readCertificate(pem).signatureAlgorithm); // 'ecdsa-with-SHA256'
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
