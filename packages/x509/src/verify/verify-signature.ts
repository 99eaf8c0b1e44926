// Verifies the signatures of certificates, requests, revocation lists and OCSP answers (RFC 5758, RFC 4055,
// RFC 8410, RFC 9881). Refuses MD5, SHA-1 and unknown algorithms, forbidden parameters, and RSA keys below
// 2048 bits.
import { constants, type KeyObject, verify } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm.ts';
import { readDer } from '../der/read.ts';
import { X509Error } from '../errors.ts';
import { importSpki, isRsa, type NamedPublicKey } from '../keys/public-key.ts';
import { SIGNATURE_ALGORITHM } from '../oids.ts';
import { readPssParameters } from './pss-parameters.ts';

/** The parts of `SIGNED{…}` (RFC 5280 §4.1.1). */
export interface SignedOctets {
  /** The octets that are signed. */
  readonly tbs: Uint8Array;
  /** AlgorithmIdentifier in DER. */
  readonly signatureAlgorithm: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Whether a signature is valid: ECDSA on P-256, P-384 and P-521 with SHA-256, SHA-384 and SHA-512, RSA
 * (PKCS#1 v1.5 and PSS) with the same digests, Ed25519, and ML-DSA. Returns `false` if the key is of another
 * type than the algorithm.
 * @param spki the SubjectPublicKeyInfo of the expected signer, in DER
 * @throws X509Error `algorithm_unsupported` (MD5, SHA-1, unknown), `key_unsupported`, `key_invalid`; DerError
 * @example
 * const isGenuine = verifySignature(readCertificate(pem), readCertificate(issuerPem).spki);
 */
export function verifySignature(signed: SignedOctets, spki: Uint8Array): boolean {
  return isSignedBy(signed, importSpki(spki));
}

/** The same as `verifySignature`, for a key that was read before. */
export function isSignedBy(
  { tbs, signatureAlgorithm, signature }: SignedOctets,
  signer: NamedPublicKey,
): boolean {
  const scheme = schemeOf(readDer(signatureAlgorithm, readAlgorithmIdentifier));
  if (!signs(signer, scheme)) return false;
  const { digest, padding, saltLength } = scheme;
  return verify(digest, tbs, { key: signer.key, padding, saltLength }, signature);
}

/** How to verify a signature, and with which types of key (as Node names them). */
interface Scheme {
  readonly keyTypes: readonly string[];
  readonly digest: string | null;
  readonly padding?: number;
  readonly saltLength?: number;
}

const RSA_MIN_BITS = 2048;
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const NULL_HEX = '0500';

const ECDSA = { keyTypes: ['ec'] } as const;
const RSA_PKCS1 = { keyTypes: ['rsa'], padding: constants.RSA_PKCS1_PADDING } as const;
const SCHEMES = new Map<string, Scheme>([
  ['1.2.840.10045.4.3.2', { ...ECDSA, digest: 'sha256' }],
  ['1.2.840.10045.4.3.3', { ...ECDSA, digest: 'sha384' }],
  ['1.2.840.10045.4.3.4', { ...ECDSA, digest: 'sha512' }],
  ['1.2.840.113549.1.1.11', { ...RSA_PKCS1, digest: 'sha256' }],
  ['1.2.840.113549.1.1.12', { ...RSA_PKCS1, digest: 'sha384' }],
  ['1.2.840.113549.1.1.13', { ...RSA_PKCS1, digest: 'sha512' }],
  ...(['ed25519', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'] as const).map((name): [string, Scheme] => [
    SIGNATURE_ALGORITHM[name],
    { keyTypes: [name], digest: null },
  ]),
]);

/** Names of old algorithms, for the error message. */
const BROKEN = new Map([
  ['1.2.840.113549.1.1.2', 'RSA with MD2'],
  ['1.2.840.113549.1.1.4', 'RSA with MD5'],
  ['1.2.840.113549.1.1.5', 'RSA with SHA-1'],
  ['1.2.840.10045.4.1', 'ECDSA with SHA-1'],
]);

function schemeOf({ oid, parameters }: AlgorithmIdentifier): Scheme {
  if (oid === RSASSA_PSS) return pssScheme(parameters);
  const scheme = SCHEMES.get(oid);
  if (scheme === undefined) {
    throw new X509Error(
      'algorithm_unsupported',
      `the signature algorithm ${BROKEN.get(oid) ?? oid} is not accepted`,
    );
  }
  // Only RSA has the parameter NULL, which may be missing (RFC 4055 §5).
  const allowed = scheme.padding === undefined ? [''] : ['', NULL_HEX];
  if (!allowed.includes(Buffer.from(parameters ?? []).toString('hex'))) {
    throw new X509Error(
      'algorithm_unsupported',
      `signature algorithm ${oid} has parameters that it must not have`,
    );
  }
  return scheme;
}

function pssScheme(parameters: Uint8Array | undefined): Scheme {
  const { digest, saltLength } = readPssParameters(parameters);
  return { keyTypes: ['rsa', 'rsa-pss'], padding: constants.RSA_PKCS1_PSS_PADDING, digest, saltLength };
}

/** Whether a signature of this kind can come from this key. */
function signs({ key, type }: NamedPublicKey, scheme: Scheme): boolean {
  if (isRsa(key)) requireRsaLength(key, type);
  if (!scheme.keyTypes.includes(key.asymmetricKeyType ?? '')) return false;
  return key.asymmetricKeyType !== 'rsa-pss' || isWithinLimits(key, scheme);
}

function requireRsaLength({ asymmetricKeyDetails }: KeyObject, type: string): void {
  if ((asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_MIN_BITS) return;
  throw new X509Error('key_unsupported', `${type} is too short; RSA keys need at least ${RSA_MIN_BITS} bits`);
}

/** An RSA-PSS key may prescribe one digest and the shortest salt (RFC 4055 §3.1). */
function isWithinLimits(
  { asymmetricKeyDetails = {} }: KeyObject,
  { digest, saltLength = 0 }: Scheme,
): boolean {
  const isBoundTo = (bound: string | undefined) => bound === undefined || bound === digest;
  return (
    isBoundTo(asymmetricKeyDetails.hashAlgorithm) &&
    isBoundTo(asymmetricKeyDetails.mgf1HashAlgorithm) &&
    saltLength >= (asymmetricKeyDetails.saltLength ?? 0)
  );
}
