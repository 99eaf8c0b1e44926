// What is handed over as a file: PEM as text or octets, or DER. Refuses DER beyond a mebibyte, as PEM is refused.
import { readDer } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import { DerError, X509Error } from '../errors.ts';
import { decodePem, type PemBlock } from '../read/pem.ts';

/** DER as a private copy, or the blocks of PEM text. */
export type KeyInput = { readonly der: Buffer } | { readonly blocks: readonly PemBlock[] };

/**
 * Tells PEM from DER by the first octet, which is 0x30 in DER; PEM octets that begin with the digit 0 must be handed over as text.
 * @throws X509Error `key_invalid` for DER that is too large; as `decodePem`
 */
export function openInput(input: string | Uint8Array): KeyInput {
  if (typeof input === 'string') return { blocks: decodePem(input) };
  if (input.length > MAX_BYTES) {
    throw new X509Error('key_invalid', `a key is not larger than ${MAX_BYTES} bytes`);
  }
  if (input[0] === TAG.sequence) return { der: Buffer.from(input) };
  return { blocks: decodePem(Buffer.from(input).toString('latin1')) };
}

/** The tags of the values inside one SEQUENCE, and the number it begins with: enough to tell the structures of keys apart. */
export function outlineOf(der: Uint8Array): {
  readonly tags: readonly number[];
  readonly number: number | undefined;
} {
  const values = readDer(der, (reader) =>
    reader.sequence((fields) => fields.list((field) => field.element())),
  );
  const [first] = values;
  const number = first?.tag === TAG.integer && first.content.length === 1 ? first.content[0] : undefined;
  return { tags: values.map(({ tag }) => tag), number };
}

/**
 * Reads a file; octets in it that are not DER make it a key that is invalid.
 * @throws X509Error `key_invalid`, and what `read` throws
 */
export function asKeyFile<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new X509Error('key_invalid', 'not a key file of a form that is known, or a damaged one', { cause });
  }
}

const MAX_BYTES = 1024 * 1024;
