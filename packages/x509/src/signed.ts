// SIGNED{…} (RFC 5280 §4.1.1): what is signed, by which algorithm, and the signature. Whether it holds is judged elsewhere.
// Refuses signatures that are not whole octets, and algorithms that differ inside and outside of what is signed.
import { readAlgorithm } from './algorithm.ts';
import { DerFiller, encodedLength } from './der/fill.ts';
import type { DerReader } from './der/read.ts';
import { TAG } from './der/tags.ts';
import { DerError } from './errors.ts';
import { encodeSignatureAlgorithm, type Signer } from './keys/signer.ts';
import type { SignedOctets } from './verify/verify-signature.ts';

/**
 * Reads one SIGNED{…}; `readTbs` reads the value that is signed, from its own tag on.
 * @throws DerError
 */
export function readSigned<T>(reader: DerReader, readTbs: (fields: DerReader) => T): T & SignedOctets {
  return reader.sequence((fields) => readSignedFields(fields, readTbs));
}

/**
 * Reads the three fields of SIGNED{…} without the SEQUENCE around them, for structures that have further fields.
 * @throws DerError
 */
export function readSignedFields<T>(fields: DerReader, readTbs: (fields: DerReader) => T): T & SignedOctets {
  const { bytes: tbs, value } = fields.capture(readTbs);
  const signatureAlgorithm = readAlgorithm(fields);
  const signature = fields.bitStringOctets();
  return { ...value, tbs, signatureAlgorithm, signature };
}

/**
 * Certificates and revocation lists repeat the algorithm in what is signed; both must be the same (RFC 5280 §4.1.1.2, §5.1.1.2).
 * @throws DerError
 */
export function requireSameAlgorithm(
  algorithmInTbs: Uint8Array,
  { tbs, signatureAlgorithm }: SignedOctets,
): void {
  if (Buffer.compare(algorithmInTbs, signatureAlgorithm) !== 0) {
    throw new DerError('signature algorithms differ (RFC 5280 §4.1.1.2)', tbs.length);
  }
}

/** Signs what is already encoded, and wraps it up. */
export function encodeSigned(tbs: Uint8Array, signer: Signer): Buffer {
  const signatureAlgorithm = encodeSignatureAlgorithm(signer.algorithm);
  return encodeSignedOctets({ tbs, signatureAlgorithm, signature: signer.sign(tbs) });
}

/** Wraps up what is already signed. */
export function encodeSignedOctets({ tbs, signatureAlgorithm, signature }: SignedOctets): Buffer {
  const bitsLength = 1 + signature.length;
  const contentLength = tbs.length + signatureAlgorithm.length + encodedLength(bitsLength);
  return new DerFiller(encodedLength(contentLength))
    .header(TAG.sequence, contentLength)
    .octets(tbs)
    .octets(signatureAlgorithm)
    .header(TAG.bitString, bitsLength)
    .octet(NO_UNUSED_BITS)
    .octets(signature).bytes;
}

const NO_UNUSED_BITS = 0;
