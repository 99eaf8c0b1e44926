// EncryptedPrivateKeyInfo (RFC 5958 §3): decrypts the PKCS#8 octets in it. Refuses a wrong passphrase.
import { readAlgorithmIdentifier } from '../../algorithm.ts';
import { readDer } from '../../der/read.ts';
import type { PassphraseWork } from './kdf.ts';
import { requireSequence } from './passphrase.ts';
import { decryptPbe } from './pbe.ts';

/**
 * Decrypts a private key.
 * @throws X509Error `passphrase_wrong`, `passphrase_missing`, `key_unsupported`; DerError
 */
export function decryptPkcs8(der: Uint8Array, work: PassphraseWork): Buffer {
  const { algorithm, ciphertext } = readDer(der, (reader) =>
    reader.sequence((fields) => ({
      algorithm: readAlgorithmIdentifier(fields),
      ciphertext: fields.octetString(),
    })),
  );
  return requireSequence(decryptPbe(algorithm, ciphertext, work));
}
