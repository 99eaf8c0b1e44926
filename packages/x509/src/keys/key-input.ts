// A key file: PEM as text or octets, or DER. Refuses files larger than one mebibyte.
import { readDer } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import { DerError, X509Error } from '../errors.ts';
import { decodePem, type PemBlock } from '../read/pem.ts';
import { isDer } from '../read/pem-or-der.ts';

/** DER as a private copy, or the blocks of PEM text. */
export type KeyInput = { readonly der: Buffer } | { readonly blocks: readonly PemBlock[] };

/**
 * Opens a key file.
 * @throws X509Error `key_invalid` for a file that is too large; as `decodePem` for PEM
 */
export function openInput(input: string | Uint8Array): KeyInput {
  if (typeof input === 'string') return { blocks: decodePem(input) };
  if (input.length > MAX_BYTES) {
    throw new X509Error(
      'key_invalid',
      `the file has ${input.length} bytes; a key file has at most ${MAX_BYTES}`,
    );
  }
  if (isDer(input)) return { der: Buffer.from(input) };
  return { blocks: decodePem(Buffer.from(input).toString('latin1')) };
}

/**
 * The tags of the values in one SEQUENCE, and the number at its start. Each structure of keys has different
 * ones.
 */
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
 * Runs `read`, and reports damaged DER as an invalid key.
 * @throws X509Error `key_invalid`, and what `read` throws
 */
export function asKeyFile<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new X509Error('key_invalid', 'the file is damaged, or is not a key file of a known form', {
      cause,
    });
  }
}

const MAX_BYTES = 1024 * 1024;
