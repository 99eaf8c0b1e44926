// Signing with a certificate authority's key (RFC 5758 §3.2 for ECDSA, RFC 8410 §6 for Ed25519).
// Refuses keys other than P-256, P-384 and Ed25519.
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { encodeDer, objectIdentifier, sequence } from './der/write.ts';
import { X509Error } from './errors.ts';
import { SIGNATURE_ALGORITHM } from './oids.ts';
import { encodeSpki } from './spki.ts';

export type SignatureAlgorithm = keyof typeof SIGNATURE_ALGORITHM;

/** A key that signs, wherever it is kept. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** SPKI DER of the key that verifies. */
  readonly publicKey: Uint8Array;
  /** The signature as the BIT STRING of a certificate carries it: for ECDSA the DER of `r` and `s`. */
  sign(tbs: Uint8Array): Uint8Array;
}

/**
 * A signer over a private key in memory.
 * @throws X509Error `key_unsupported`; TypeError for a key that is not private
 */
export function signerFromKey(privateKey: KeyObject): Signer {
  if (privateKey.type !== 'private') throw new TypeError('a signer needs a private key');
  const algorithm = algorithmOfKey(privateKey);
  const digest = DIGEST[algorithm];
  return {
    algorithm,
    publicKey: encodeSpki(createPublicKey(privateKey)),
    sign: (tbs) => sign(digest, tbs, privateKey),
  };
}

/** The AlgorithmIdentifier of a signature, in DER, without parameters. */
export function encodeSignatureAlgorithm(algorithm: SignatureAlgorithm): Buffer {
  return encodeDer(sequence(objectIdentifier(SIGNATURE_ALGORITHM[algorithm])));
}

const DIGEST = { 'ecdsa-p256-sha256': 'sha256', 'ecdsa-p384-sha384': 'sha384', ed25519: null } as const;

function algorithmOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SignatureAlgorithm {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ecdsa-p256-sha256';
  if (asymmetricKeyDetails?.namedCurve === 'secp384r1') return 'ecdsa-p384-sha384';
  throw new X509Error(
    'key_unsupported',
    `cannot sign with a key of type ${asymmetricKeyType}; use P-256, P-384 or Ed25519`,
  );
}
