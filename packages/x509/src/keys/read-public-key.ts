// Reads public keys from files: SPKI (RFC 5280 §4.1.2.7) or PKCS#1 (RFC 8017 §A.1.1) in PEM or DER, and
// OpenSSH's `.pub`. Refuses private keys, because Node would silently use their public part, and texts with
// two different keys or none.
import type { KeyObject } from 'node:crypto';
import { TAG } from '../der/tags.ts';
import { bitString, encodeDer, nullValue, objectIdentifier, sequence } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { KEY_ALGORITHM } from '../oids.ts';
import type { PemBlock } from '../read/pem.ts';
import { asKeyFile, openInput, outlineOf } from './key-input.ts';
import { spkisOfSshFile } from './openssh/openssh-public.ts';
import { importSpki } from './public-key.ts';

/**
 * Reads the public key of a file.
 * @throws X509Error `key_invalid` (also for a private key), `key_unsupported`, `pem_invalid`, `pem_too_large`
 * @example
 * const key = readPublicKey(readFileSync('id_ed25519.pub'));
 */
export function readPublicKey(input: string | Uint8Array): KeyObject {
  const opened = openInput(input);
  return asKeyFile(
    () => importSpki('der' in opened ? spkiOfDer(opened.der) : spkiOfText(opened.blocks, input)).key,
  );
}

function spkiOfText(blocks: readonly PemBlock[], input: string | Uint8Array): Buffer {
  const text = typeof input === 'string' ? input : Buffer.from(input).toString('latin1');
  const found = blocks.length === 0 ? spkisOfSshFile(text) : spkisOfBlocks(blocks);
  const [spki, ...others] = found;
  if (spki !== undefined && others.every((other) => other.equals(spki))) return spki;
  const labels = [...new Set(blocks.map(({ label }) => label))].join(', ');
  const what = spki === undefined && labels !== '' ? `only ${labels}` : `${found.length} public keys`;
  throw new X509Error('pem_invalid', `the text has ${what}; it must have one public key`);
}

function spkiOfDer(der: Buffer): Buffer {
  const [first, second, ...others] = outlineOf(der).tags;
  if (others.length === 0 && first === TAG.integer && second === TAG.integer) return spkiOfPkcs1(der);
  if (others.length === 0 && first === TAG.sequence && second === TAG.bitString) return der;
  throw new X509Error('key_invalid', 'the file is DER, but it is not a public key');
}

function spkisOfBlocks(blocks: readonly PemBlock[]): Buffer[] {
  if (blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) {
    throw new X509Error('key_invalid', 'the text has a private key; give only its public part here');
  }
  return blocks
    .filter(({ label }) => LABELS.includes(label))
    .map(({ label, bytes }) => (label === 'RSA PUBLIC KEY' ? spkiOfPkcs1(bytes) : bytes));
}

const LABELS: readonly string[] = ['PUBLIC KEY', 'RSA PUBLIC KEY'];

function spkiOfPkcs1(der: Buffer): Buffer {
  return encodeDer(sequence(sequence(objectIdentifier(KEY_ALGORITHM.RSA), nullValue()), bitString(der)));
}
