// The passphrase of a file, asked for once and only when something in the file is encrypted.
import { readDer } from '../der/read.ts';
import { TAG } from '../der/tags.ts';
import { X509Error } from '../errors.ts';

/** A passphrase, or a function that asks for it. */
export type PassphraseSource = string | (() => string);

/**
 * A function that gives the passphrase, the same one each time.
 * @throws X509Error `passphrase_missing` from that function, when there is none
 */
export function passphraseReader(source: PassphraseSource | undefined): () => string {
  let known = typeof source === 'string' ? source : undefined;
  return () => {
    known ??= typeof source === 'function' ? source() : undefined;
    if (known === undefined) {
      throw new X509Error('passphrase_missing', 'the key is encrypted; its passphrase is needed');
    }
    return known;
  };
}

/** A wrong passphrase and an altered ciphertext look alike. */
export function wrongPassphrase(cause?: unknown): X509Error {
  return new X509Error('passphrase_wrong', 'the passphrase does not open the key, or the file is damaged', {
    cause,
  });
}

/**
 * Hands over what was decrypted, if it is one SEQUENCE: padding alone fits a wrong passphrase once in 256 times.
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
