// Private keys in whatever form others wrote them, PEM or DER: PKCS#8, PKCS#1, SEC1, PKCS#12, encrypted or not; OpenSSH's own.
// Refuses OpenSSH's own encryption, texts with several keys, and everything that holds no private key, by name.
import type { KeyObject } from 'node:crypto';
import { berToDer } from '../der/ber.ts';
import { TAG } from '../der/tags.ts';
import { X509Error } from '../errors.ts';
import type { PemBlock } from '../read/pem.ts';
import { decryptPem, isEncryptedPem } from './encrypted-pem.ts';
import { decryptPkcs8 } from './encrypted-pkcs8.ts';
import { createKdfBudget } from './kdf-budget.ts';
import { asKeyFile, openInput, outlineOf } from './key-input.ts';
import { keyFromOpenssh } from './openssh-private.ts';
import { type PassphraseSource, passphraseReader, requireSequence } from './passphrase.ts';
import { keyFromPkcs1, keyFromPkcs8, keyFromSec1 } from './private-key-forms.ts';
import { readPkcs12 } from './read-pkcs12.ts';

/**
 * The one private key of a file. PEM text may hold other blocks too, such as certificates.
 * @param passphrase or a function that asks for it, called at most once and only when the key is encrypted
 * @throws X509Error `passphrase_missing`, `passphrase_wrong`, `key_invalid`, `key_unsupported`, `pem_invalid`, `pem_too_large`
 */
export function readPrivateKey(input: string | Uint8Array, passphrase?: PassphraseSource): KeyObject {
  const opened = openInput(input);
  const ask = passphraseReader(passphrase);
  return asKeyFile(() =>
    'der' in opened ? keyFromDer(opened.der, ask) : keyFromBlock(privateKeyBlock(opened.blocks), ask),
  );
}

const PKCS12_VERSION = 3;

type AskPassphrase = () => string;

function keyFromDer(octets: Buffer, ask: AskPassphrase): KeyObject {
  const der = berToDer(octets);
  const { tags, number } = outlineOf(der);
  const [first, second] = tags;
  if (number === PKCS12_VERSION && second === TAG.sequence) return keyFromPkcs12(octets, ask);
  if (first === TAG.integer && second === TAG.sequence) return keyFromPkcs8(octets);
  if (first === TAG.integer && second === TAG.integer) return keyFromPkcs1(octets);
  if (first === TAG.integer && second === TAG.octetString) return keyFromSec1(octets);
  if (first === TAG.sequence && second === TAG.octetString) return keyFromEncryptedPkcs8(octets, ask);
  throw new X509Error('key_invalid', 'the file is DER, but holds no private key');
}

/** Certificates, curves (`EC PARAMETERS`) and public keys stand beside private keys; they are of no concern here. */
function privateKeyBlock(blocks: readonly PemBlock[]): PemBlock {
  const [block, ...others] = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    const found =
      blocks.length === 0
        ? 'no PEM block'
        : `only ${[...new Set(blocks.map(({ label }) => label))].join(', ')}`;
    throw new X509Error('pem_invalid', `no private key in the text; ${found.slice(0, 200)}`);
  }
  if (others.length > 0)
    throw new X509Error('pem_invalid', `${others.length + 1} private keys in the text; one is expected`);
  return block;
}

function keyFromBlock(block: PemBlock, ask: AskPassphrase): KeyObject {
  switch (block.label) {
    case 'PRIVATE KEY':
      return keyFromPkcs8(block.bytes);
    case 'ENCRYPTED PRIVATE KEY':
      return keyFromEncryptedPkcs8(block.bytes, ask);
    case 'RSA PRIVATE KEY':
      return keyFromPkcs1(openBlock(block, ask));
    case 'EC PRIVATE KEY':
      return keyFromSec1(openBlock(block, ask));
    case 'OPENSSH PRIVATE KEY':
      return keyFromOpenssh(block.bytes);
    default:
      throw new X509Error('key_unsupported', `PEM block ${block.label} is not supported`);
  }
}

function openBlock(block: PemBlock, ask: AskPassphrase): Buffer {
  return isEncryptedPem(block) ? requireSequence(decryptPem(block, ask)) : block.bytes;
}

function keyFromEncryptedPkcs8(der: Uint8Array, ask: AskPassphrase): KeyObject {
  return keyFromPkcs8(decryptPkcs8(der, { passphrase: ask, budget: createKdfBudget() }));
}

function keyFromPkcs12(bytes: Uint8Array, ask: AskPassphrase): KeyObject {
  const { privateKey } = readPkcs12(bytes, ask);
  if (privateKey === undefined) throw new X509Error('key_invalid', 'the PKCS#12 file holds no private key');
  return privateKey;
}
