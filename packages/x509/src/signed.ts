// SIGNED{…} (RFC 5280 §4.1.1): the signed octets, the algorithm and the signature.
// `verify/verify-signature.ts` verifies it. Refuses signatures that are not whole octets, and two different
// signature algorithms in one structure.
import { readAlgorithm } from './algorithm.ts';
import { DerFiller, encodedLength } from './der/fill.ts';
import type { DerReader } from './der/read.ts';
import { TAG } from './der/tags.ts';
import { DerError } from './errors.ts';
import { encodeSignatureAlgorithm, type Signer } from './keys/signer.ts';
import type { SignedOctets } from './verify/verify-signature.ts';

/**
 * Reads one SIGNED{…}. `readTbs` reads the signed value, beginning with its tag.
 * @throws DerError
 */
export function readSigned<T>(reader: DerReader, readTbs: (fields: DerReader) => T): T & SignedOctets {
  return reader.sequence((fields) => readSignedFields(fields, readTbs));
}

/**
 * Reads the three fields of SIGNED{…} without the SEQUENCE around them, for structures with more fields.
 * @throws DerError
 */
export function readSignedFields<T>(fields: DerReader, readTbs: (fields: DerReader) => T): T & SignedOctets {
  const { bytes: tbs, value } = fields.capture(readTbs);
  const signatureAlgorithm = readAlgorithm(fields);
  const signature = fields.bitStringOctets();
  return { ...value, tbs, signatureAlgorithm, signature };
}

/**
 * Certificates and revocation lists repeat the algorithm inside the signed octets. Both must be the same (RFC
 * 5280 §4.1.1.2, §5.1.1.2).
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

/** Signs encoded octets, and writes SIGNED{…}. */
export function encodeSigned(tbs: Uint8Array, signer: Signer): Buffer {
  const signatureAlgorithm = encodeSignatureAlgorithm(signer.algorithm);
  return encodeSignedOctets({ tbs, signatureAlgorithm, signature: signer.sign(tbs) });
}

/** Writes SIGNED{…} for octets that are signed already. */
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
