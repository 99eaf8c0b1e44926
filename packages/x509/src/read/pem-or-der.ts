// One object in PEM (RFC 7468) or DER: which of the two it is, is seen from the first octet.
// Refuses other labels and several blocks; PEM text that begins with the digit 0 must be handed over as a string.
import { TAG } from '../der/tags.ts';
import { X509Error } from '../errors.ts';
import { decodePem } from './pem.ts';

/** How large PEM text may be: by default as `decodePem` has it. */
export interface PemLimits {
  readonly maxBytes: number;
}

/**
 * The octets of one object: PEM with exactly one block that has one of these labels, or DER, of which a copy is made.
 * @throws X509Error `pem_invalid` or `pem_too_large`
 */
export function derOf(
  pemOrDer: string | Uint8Array,
  labels: readonly string[],
  limits?: PemLimits,
): Uint8Array {
  const blocks = derBlocks(pemOrDer, labels, limits);
  const [first] = blocks;
  if (first === undefined) throw new X509Error('pem_invalid', `no PEM block; expected ${labels[0]}`);
  if (blocks.length > 1) {
    throw new X509Error('pem_invalid', `${blocks.length} PEM blocks; expected one ${labels[0]}`);
  }
  return first;
}

/**
 * As `derOf`, for any number of blocks.
 * @throws X509Error `pem_invalid` or `pem_too_large`
 */
export function derBlocks(
  pemOrDer: string | Uint8Array,
  labels: readonly string[],
  limits?: PemLimits,
): Uint8Array[] {
  if (typeof pemOrDer !== 'string' && pemOrDer[0] === TAG.sequence) return [Buffer.from(pemOrDer)];
  const text = typeof pemOrDer === 'string' ? pemOrDer : Buffer.from(pemOrDer).toString('latin1');
  return decodePem(text, limits).map(({ label, bytes }) => {
    if (labels.includes(label)) return bytes;
    throw new X509Error('pem_invalid', `PEM block is ${label}; expected ${labels[0]}`);
  });
}
