// Reads one object or several in PEM (RFC 7468) or DER. The first octets decide which of the two it is.
// Refuses blocks with other labels, except keys and parameters, because many files contain these too.
import { TAG } from '../der/tags.ts';
import { X509Error } from '../errors.ts';
import { decodePem } from './pem.ts';

/** The largest size of PEM text. Default: that of `decodePem`. */
export interface PemLimits {
  readonly maxBytes: number;
}

/** Labels of certificates. Old programs wrote the second one, and OpenSSL still reads it (RFC 7468 §5.1). */
export const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE'];

/**
 * Whether octets are DER and not PEM text. Both may begin with 0x30, the tag of a SEQUENCE and the digit 0.
 * DER of 128 octets or more continues with an octet that UTF-8 text cannot have there. A shorter value has
 * exactly the length that it says; if it is damaged, only a PEM block in it makes it text.
 * @example
 * const blocks = isDer(octets) ? undefined : decodePem(Buffer.from(octets).toString('latin1'));
 */
export function isDer(octets: Uint8Array): boolean {
  const [tag, length = 0] = octets;
  if (tag !== TAG.sequence) return false;
  if (length >= FIRST_LONG_LENGTH) return length < FIRST_UTF8_LEAD;
  return octets.length === 2 + length || !PEM_BLOCK.test(Buffer.from(octets).toString('latin1'));
}

/**
 * The octets of one object: DER, or PEM with exactly one block that has one of these labels. Returns a copy.
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
 * The same as `derOf`, for any number of blocks.
 * @throws X509Error `pem_invalid` or `pem_too_large`
 */
export function derBlocks(
  pemOrDer: string | Uint8Array,
  labels: readonly string[],
  limits?: PemLimits,
): Uint8Array[] {
  if (typeof pemOrDer !== 'string' && isDer(pemOrDer)) return [Buffer.from(pemOrDer)];
  const text = typeof pemOrDer === 'string' ? pemOrDer : Buffer.from(pemOrDer).toString('latin1');
  const blocks = decodePem(text, limits);
  const wanted = blocks.filter(({ label }) => labels.includes(label));
  const others = blocks.filter(({ label }) => !labels.includes(label));
  // If it skipped a certificate or a list, a program could trust less, or more, than the file says.
  const refused = others.find(({ label }) => wanted.length === 0 || !STORED_BESIDE.test(label));
  if (refused === undefined) return wanted.map(({ bytes }) => bytes);
  throw new X509Error('pem_invalid', `PEM block is ${refused.label}; expected ${labels[0]}`);
}

/**
 * Lengths in long or indefinite form (X.690 §8.1.3) lie below the octets that begin a character in UTF-8 (RFC
 * 3629 §3).
 */
const FIRST_LONG_LENGTH = 0x80;
const FIRST_UTF8_LEAD = 0xc0;
const PEM_BLOCK = /[\r\n](?:\u00EF\u00BB\u00BF)?-----BEGIN /;
/**
 * Web servers need the private key and the certificates in one file; `openssl ecparam` writes the curve
 * first.
 */
const STORED_BESIDE = /(?:PRIVATE KEY|PUBLIC KEY|PARAMETERS)$/;
