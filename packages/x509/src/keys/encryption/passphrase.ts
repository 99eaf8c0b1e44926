// The passphrase of a file. Asks for it once, and only if a part of the file is encrypted.
import { readDer } from '../../der/read.ts';
import { TAG } from '../../der/tags.ts';
import { X509Error } from '../../errors.ts';

/** A passphrase, or a function that asks for it. */
export type PassphraseSource = string | (() => string);

/**
 * Creates a function that returns the same passphrase each time.
 * @throws X509Error `passphrase_missing` from that function, if there is no passphrase
 */
export function passphraseReader(source: PassphraseSource | undefined): () => string {
  let known = typeof source === 'string' ? source : undefined;
  return () => {
    known ??= typeof source === 'function' ? source() : undefined;
    if (known === undefined) {
      throw new X509Error('passphrase_missing', 'the key is encrypted; give its passphrase');
    }
    return known;
  };
}

/** A wrong passphrase and a changed ciphertext have the same effect. */
export function wrongPassphrase(cause?: unknown): X509Error {
  return new X509Error('passphrase_wrong', 'the passphrase is wrong, or the file is damaged', {
    cause,
  });
}

/**
 * Checks that the decrypted octets are one SEQUENCE, and returns them. With a wrong passphrase the padding is
 * right once in 256 times.
 * @throws X509Error `passphrase_wrong`
 */
export function requireSequence(plaintext: Buffer): Buffer {
  try {
    readDer(plaintext, (reader) => reader.expect(TAG.sequence));
    return plaintext;
  } catch (cause) {
    throw wrongPassphrase(cause);
  }
}
