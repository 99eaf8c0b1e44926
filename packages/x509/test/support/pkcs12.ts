// PKCS#12 with any content and a valid PBMAC1 (RFC 9579), and node's own reader of PKCS#12.
import * as crypto from 'node:crypto';
import {
  type Der,
  encodeDer,
  explicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../../src/der/write.ts';

/** Node's reader, which is missing in its types of this version. */
export const { parsePKCS12 } = crypto as unknown as {
  parsePKCS12(
    bundle: Uint8Array,
    options: { passphrase: string },
  ): {
    privateKey: crypto.KeyObject | null;
    certificate: crypto.X509Certificate | null;
    additionalCertificates: crypto.X509Certificate[];
  };
};

/** A ContentInfo of type data. */
export function dataContent(content: Der): Der {
  return sequence(objectIdentifier('1.2.840.113549.1.7.1'), explicit(0, octetString(content)));
}

/**
 * A file with one plain safe, and a MAC with this number of rounds. The MAC is valid for up to 2,048 rounds.
 */
export function pkcs12OfSafe(safe: Der, passphrase: string, rounds = 100): Buffer {
  const content = encodeDer(sequence(dataContent(safe)));
  const salt = Buffer.alloc(8, 1);
  const hmac = sequence(objectIdentifier('1.2.840.113549.2.9'), nullValue());
  const parameters = sequence(octetString(salt), integer(rounds), integer(32), hmac);
  const derivation = sequence(objectIdentifier('1.2.840.113549.1.5.12'), parameters);
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.5.14'), sequence(derivation, hmac));
  const key = crypto.pbkdf2Sync(passphrase, salt, Math.min(rounds, 2048), 32, 'sha256');
  const digest = crypto.createHmac('sha256', key).update(content).digest();
  const mac = sequence(sequence(algorithm, octetString(digest)), octetString(salt), integer(1));
  return encodeDer(sequence(integer(3), dataContent(content), mac));
}
