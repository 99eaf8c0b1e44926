// Reads private keys in all common forms, PEM or DER: PKCS#8, PKCS#1, SEC1 and PKCS#12, encrypted or not, and
// OpenSSH's own format. Refuses OpenSSH's own encryption, and texts with two different keys or none.
import type { KeyObject } from 'node:crypto';
import { berToDer } from '../der/ber.ts';
import { TAG } from '../der/tags.ts';
import { X509Error } from '../errors.ts';
import type { PemBlock } from '../read/pem.ts';
import { decryptPem, isEncryptedPem } from './encryption/encrypted-pem.ts';
import { decryptPkcs8 } from './encryption/encrypted-pkcs8.ts';
import type { PassphraseWork } from './encryption/kdf.ts';
import { createKdfBudget } from './encryption/kdf-budget.ts';
import { type PassphraseSource, passphraseReader, requireSequence } from './encryption/passphrase.ts';
import { asKeyFile, openInput, outlineOf } from './key-input.ts';
import { keyFromOpenssh } from './openssh/openssh-private.ts';
import { readPkcs12 } from './pkcs12/read-pkcs12.ts';
import { isSameKey, keyFromPkcs1, keyFromPkcs8, keyFromSec1 } from './private-key-forms.ts';

/**
 * Reads the private key of a file. PEM may also have other blocks, such as certificates.
 * @param passphrase a text, or a function that asks for it; it is called at most once, and only if the key is
 * encrypted
 * @throws X509Error `passphrase_missing`, `passphrase_wrong`, `key_invalid`, `key_unsupported`,
 * `pem_invalid`, `pem_too_large`
 * @example
 * const key = readPrivateKey(readFileSync('server.key'), () => askForPassphrase());
 */
export function readPrivateKey(input: string | Uint8Array, passphrase?: PassphraseSource): KeyObject {
  const opened = openInput(input);
  const work = { passphrase: passphraseReader(passphrase), budget: createKdfBudget() };
  return asKeyFile(() =>
    'der' in opened ? keyFromDer(opened.der, work) : keyFromBlocks(opened.blocks, work),
  );
}

const PKCS12_VERSION = 3;

function keyFromDer(octets: Buffer, work: PassphraseWork): KeyObject {
  const der = berToDer(octets);
  const { tags, number } = outlineOf(der);
  const [first, second] = tags;
  if (number === PKCS12_VERSION && second === TAG.sequence) return keyFromPkcs12(octets, work.passphrase);
  if (first === TAG.integer && second === TAG.sequence) return keyFromPkcs8(octets);
  if (first === TAG.integer && second === TAG.integer) return keyFromPkcs1(octets);
  if (first === TAG.integer && second === TAG.octetString) return keyFromSec1(octets);
  if (first === TAG.sequence && second === TAG.octetString) return keyFromEncryptedPkcs8(octets, work);
  throw new X509Error('key_invalid', 'the file is DER, but it is not a private key');
}

/**
 * Skips other blocks: files often have certificates, public keys and curves (`EC PARAMETERS`) beside the
 * private key. The same key may occur several times: `openssl pkcs12` writes it twice if two names in a key
 * store share it.
 */
function keyFromBlocks(blocks: readonly PemBlock[], work: PassphraseWork): KeyObject {
  const [first, ...others] = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (first === undefined) throw noPrivateKey(blocks);
  const key = keyFromBlock(first, work);
  if (others.every((other) => isSameKey(keyFromBlock(other, work), key))) return key;
  throw new X509Error('pem_invalid', `the text has ${others.length + 1} private keys; it must have one`);
}

function noPrivateKey(blocks: readonly PemBlock[]): X509Error {
  const labels = [...new Set(blocks.map(({ label }) => label))].join(', ');
  const found = blocks.length === 0 ? 'no PEM block' : `only ${labels}`;
  return new X509Error('pem_invalid', `the text has no private key: it has ${found.slice(0, 200)}`);
}

function keyFromBlock(block: PemBlock, work: PassphraseWork): KeyObject {
  switch (block.label) {
    case 'PRIVATE KEY':
      return keyFromPkcs8(block.bytes);
    case 'ENCRYPTED PRIVATE KEY':
      return keyFromEncryptedPkcs8(block.bytes, work);
    case 'RSA PRIVATE KEY':
      return keyFromPkcs1(openBlock(block, work));
    case 'EC PRIVATE KEY':
      return keyFromSec1(openBlock(block, work));
    case 'OPENSSH PRIVATE KEY':
      return keyFromOpenssh(block.bytes);
    default:
      throw new X509Error('key_unsupported', `PEM block ${block.label} is not supported`);
  }
}

function openBlock(block: PemBlock, { passphrase }: PassphraseWork): Buffer {
  return isEncryptedPem(block) ? requireSequence(decryptPem(block, passphrase)) : block.bytes;
}

function keyFromEncryptedPkcs8(der: Uint8Array, work: PassphraseWork): KeyObject {
  return keyFromPkcs8(decryptPkcs8(der, work));
}

function keyFromPkcs12(bytes: Uint8Array, passphrase: () => string): KeyObject {
  const { privateKey } = readPkcs12(bytes, passphrase);
  if (privateKey === undefined) throw new X509Error('key_invalid', 'the PKCS#12 file has no private key');
  return privateKey;
}
