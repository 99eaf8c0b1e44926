// Reads PKCS#12 (RFC 7292) in password integrity mode, BER or DER: one private key and its certificates.
// Refuses files without a MAC, signed or enveloped files, two different private keys, and old ciphers other
// than triple DES.
import type { KeyObject } from 'node:crypto';
import { readAlgorithmIdentifier } from '../../algorithm.ts';
import { berToDer } from '../../der/ber.ts';
import { type DerReader, readDer } from '../../der/read.ts';
import { CONTEXT_SPECIFIC } from '../../der/tags.ts';
import { X509Error } from '../../errors.ts';
import { PKCS7_CONTENT, PKCS12_BAG, PKCS12_CERTIFICATE } from '../../oids.ts';
import { decryptPkcs8 } from '../encryption/encrypted-pkcs8.ts';
import type { PassphraseWork } from '../encryption/kdf.ts';
import { createKdfBudget } from '../encryption/kdf-budget.ts';
import { type PassphraseSource, passphraseReader } from '../encryption/passphrase.ts';
import { decryptPbe } from '../encryption/pbe.ts';
import { asKeyFile } from '../key-input.ts';
import { isSameKey, keyFromPkcs8 } from '../private-key-forms.ts';
import { checkMac, type MacData, readMacData } from './pkcs12-mac.ts';

/** The contents of a file. The certificates are DER in the file's order, each once. They are not checked. */
export interface Pkcs12 {
  readonly privateKey?: KeyObject;
  readonly certificates: Uint8Array[];
}

/**
 * Reads a PKCS#12 file.
 * @throws X509Error `passphrase_wrong`, `passphrase_missing`, `key_invalid`, `key_unsupported`
 * @example
 * const { privateKey, certificates } = readPkcs12(readFileSync('server.p12'), passphrase);
 */
export function readPkcs12(bytes: Uint8Array, passphrase: PassphraseSource | undefined): Pkcs12 {
  const asked = { passphrase: passphraseReader(passphrase), budget: createKdfBudget() };
  return asKeyFile(() => {
    const { content, mac } = readBer(bytes, readPfx);
    const work = checkMac(mac, content, asked);
    const safes = readBer(content, (reader) =>
      reader.sequence((infos) => infos.list((info) => readSafe(info, work))),
    );
    const bags = safes.flat();
    const privateKey = theOneKey(contentsOf(bags, 'key'));
    const certificates = contentsOf(bags, 'certificate');
    return privateKey === undefined ? { certificates } : { privateKey, certificates };
  });
}

/**
 * The contents of all bags of one type, without repetitions. A key store with two names for a key writes the
 * key and its chain twice.
 */
function contentsOf(bags: readonly Bag[], type: Bag['type']): Uint8Array[] {
  const ofType = bags.filter((bag) => bag.type === type).map(({ content }) => Buffer.from(content));
  return [...new Map(ofType.map((content) => [content.toString('latin1'), content])).values()];
}

/** The same key can have two encodings, because attributes are a part of PKCS#8. */
function theOneKey(encodings: readonly Uint8Array[]): KeyObject | undefined {
  const [first, ...others] = encodings;
  if (first === undefined) return undefined;
  const key = keyFromPkcs8(first);
  if (others.every((other) => isSameKey(keyFromPkcs8(other), key))) return key;
  throw new X509Error('key_unsupported', `the file has ${encodings.length} private keys; it must have one`);
}

const VERSION = 3;
const CONTENT_NUMBER = 0;
const MAX_SAFE_DEPTH = 4;

/** A decrypted bag of a type that is used here. */
interface Bag {
  readonly type: 'key' | 'certificate';
  readonly content: Uint8Array;
}

function readBer<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T {
  return readDer(berToDer(bytes), read);
}

function readPfx(reader: DerReader): { content: Uint8Array; mac: MacData } {
  return reader.sequence((fields) => {
    if (fields.smallInteger(VERSION) !== VERSION)
      throw new X509Error('key_unsupported', 'the PKCS#12 file does not have version 3 (RFC 7292 §4)');
    const content = fields.sequence((info) => {
      requireContent(info.objectIdentifier(), PKCS7_CONTENT.data);
      return info.context(CONTENT_NUMBER, (field) => field.octetString());
    });
    if (fields.atEnd) {
      throw new X509Error(
        'key_unsupported',
        'the PKCS#12 file has no MAC, so a change to it cannot be noticed; export it again with a passphrase',
      );
    }
    return { content, mac: readMacData(fields) };
  });
}

function requireContent(found: string, expected: string): void {
  if (found !== expected) {
    throw new X509Error(
      'key_unsupported',
      `the PKCS#12 file has content of type ${found}; only files that a passphrase protects are read`,
    );
  }
}

/** One ContentInfo of AuthenticatedSafe (RFC 7292 §4.1): plain or encrypted SafeContents. */
function readSafe(reader: DerReader, work: PassphraseWork): Bag[] {
  return reader.sequence((info) => {
    const type = info.objectIdentifier();
    return info.context(CONTENT_NUMBER, (field) => {
      if (type === PKCS7_CONTENT.data) return readBer(field.octetString(), (safe) => readBags(safe, work));
      requireContent(type, PKCS7_CONTENT.encryptedData);
      return readBer(readEncryptedData(field, work), (safe) => readBags(safe, work));
    });
  });
}

/** EncryptedData (RFC 5652 §8). */
function readEncryptedData(reader: DerReader, work: PassphraseWork): Buffer {
  return reader.sequence((fields) => {
    fields.smallInteger(2);
    return fields.sequence((info) => {
      requireContent(info.objectIdentifier(), PKCS7_CONTENT.data);
      const algorithm = readAlgorithmIdentifier(info);
      return decryptPbe(algorithm, readImplicitOctets(info), work);
    });
  });
}

/** `[0] IMPLICIT OCTET STRING`, in one piece or, in BER, in several. */
function readImplicitOctets(info: DerReader): Uint8Array {
  if (info.nextTag === CONTEXT_SPECIFIC) return info.element().content;
  return Buffer.concat(info.context(CONTENT_NUMBER, (pieces) => pieces.list((piece) => piece.octetString())));
}

function readBags(reader: DerReader, work: PassphraseWork, depth = 0): Bag[] {
  return reader.sequence((bags) => bags.list((bag) => readBag(bag, work, depth))).flat();
}

function readBag(reader: DerReader, work: PassphraseWork, depth: number): Bag[] {
  return reader.sequence((fields) => {
    const type = fields.objectIdentifier();
    const { bytes } = fields.context(CONTENT_NUMBER, (field) => field.element());
    if (!fields.atEnd) fields.element();
    if (type === PKCS12_BAG.key) return [{ type: 'key', content: bytes }];
    if (type === PKCS12_BAG.shroudedKey) return [{ type: 'key', content: decryptPkcs8(bytes, work) }];
    if (type === PKCS12_BAG.certificate) return readDer(bytes, readCertificateBag);
    if (type !== PKCS12_BAG.safeContents || depth === MAX_SAFE_DEPTH) return [];
    return readDer(bytes, (inner) => readBags(inner, work, depth + 1));
  });
}

function readCertificateBag(reader: DerReader): Bag[] {
  return reader.sequence((fields) => {
    const type = fields.objectIdentifier();
    const { content } = fields.context(CONTENT_NUMBER, (field) => field.element());
    return type === PKCS12_CERTIFICATE ? [{ type: 'certificate', content }] : [];
  });
}
