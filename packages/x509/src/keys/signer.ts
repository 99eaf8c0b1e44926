// Signs with the key of an authority (RFC 5758 §3.2 for ECDSA, RFC 8410 §6 for Ed25519, RFC 4055 §5 for RSA,
// RFC 9881 §3 for ML-DSA). Refuses RSA below 2048 bits, RSA-PSS keys, P-521 and all other types.
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { encodeDer, nullValue, objectIdentifier, sequence } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { SIGNATURE_ALGORITHM } from '../oids.ts';
import { publicKeyType } from './public-key.ts';
import { encodeSpki } from './spki.ts';

/** An algorithm that signers use. */
export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHM;

/** A key that signs. It may be in memory or elsewhere, such as in a hardware module. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** SPKI DER of the key that verifies. */
  readonly publicKey: Uint8Array;
  /** The signature as it is in the BIT STRING of a certificate. For ECDSA it is the DER of `r` and `s`. */
  sign(tbs: Uint8Array): Uint8Array;
}

/**
 * Creates a signer for a private key in memory.
 * @throws X509Error `key_unsupported`, TypeError for a key that is not private
 * @example
 * const signer = signerFromKey(readPrivateKey(readFileSync('ca.key')));
 */
export function signerFromKey(privateKey: KeyObject): Signer {
  if (privateKey.type !== 'private') throw new TypeError('a signer needs a private key');
  const publicKey = encodeSpki(createPublicKey(privateKey));
  const algorithm = algorithmOfKey(publicKeyType(publicKey));
  const digest = DIGEST[algorithm];
  return { algorithm, publicKey, sign: (tbs) => sign(digest, tbs, privateKey) };
}

/**
 * The AlgorithmIdentifier of a signature, in DER. RSA has the parameters NULL (RFC 4055 §5), the others have
 * none.
 */
export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Buffer {
  const oid = objectIdentifier(SIGNATURE_ALGORITHM[algorithm]);
  return encodeDer(algorithm === 'rsa-v1_5-sha256' ? sequence(oid, nullValue()) : sequence(oid));
}

const RSA_MIN_BITS = 2048;

const DIGEST = {
  'ecdsa-p256-sha256': 'sha256',
  'ecdsa-p384-sha384': 'sha384',
  ed25519: null,
  'rsa-v1_5-sha256': 'sha256',
  'ml-dsa-44': null,
  'ml-dsa-65': null,
  'ml-dsa-87': null,
} as const;

const ALGORITHM_OF_KEY: Readonly<Record<string, SignatureAlgorithm>> = {
  'P-256': 'ecdsa-p256-sha256',
  'P-384': 'ecdsa-p384-sha384',
  Ed25519: 'ed25519',
  'ML-DSA-44': 'ml-dsa-44',
  'ML-DSA-65': 'ml-dsa-65',
  'ML-DSA-87': 'ml-dsa-87',
};

function algorithmOfKey(type: string): SignatureAlgorithm {
  const rsaBits = Number(/^RSA-(\d+)$/.exec(type)?.[1] ?? 0);
  const algorithm = rsaBits >= RSA_MIN_BITS ? 'rsa-v1_5-sha256' : ALGORITHM_OF_KEY[type];
  if (algorithm !== undefined) return algorithm;
  throw new X509Error(
    'key_unsupported',
    `cannot sign with a key of type ${type}; use P-256, P-384, Ed25519, ML-DSA, or RSA with at least ${RSA_MIN_BITS} bits`,
  );
}
