// The structures of private keys: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 §A.1.2) and SEC1 (RFC 5915). Refuses
// types that no certificate here may have, curves given by parameters, and a private part that does not match
// the public part.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readAlgorithmIdentifier } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { encodeDer, integer, octetString, sequence } from '../der/write.ts';
import { DerError, X509Error } from '../errors.ts';
import { KEY_ALGORITHM } from '../oids.ts';
import { keyKind, publicKeyType } from './public-key.ts';
import { encodeSpki, readKeyBits } from './spki.ts';

/**
 * Reads PrivateKeyInfo or OneAsymmetricKey. Attributes are skipped.
 * @throws X509Error `key_invalid`, `key_unsupported`
 */
export function keyFromPkcs8(der: Uint8Array): KeyObject {
  const { algorithm, algorithmDer, privateKey, publicKey } = parse(der, readPkcs8);
  const kind = keyKind(algorithm);
  if (kind.startsWith('RSA')) parse(privateKey, requireRsaSizes);
  else parse(privateKey, (reader) => reader.element());
  // OpenSSL cannot read the fields that version 2 adds, so it gets version 1.
  const version1 = encodeDer(sequence(integer(0), algorithmDer, octetString(privateKey)));
  const key = importKey({ key: version1, format: 'der', type: 'pkcs8' });
  if (publicKey !== undefined && Buffer.compare(publicKey, publicKeyBits(key)) !== 0) throw mismatch();
  return key;
}

/**
 * Reads RSAPrivateKey.
 * @throws X509Error `key_invalid`
 */
export function keyFromPkcs1(der: Buffer): KeyObject {
  parse(der, requireRsaSizes);
  return importKey({ key: der, format: 'der', type: 'pkcs1' });
}

/**
 * Reads ECPrivateKey, which must name its curve (RFC 5915 §3).
 * @throws X509Error `key_invalid`, `key_unsupported`
 */
export function keyFromSec1(der: Buffer): KeyObject {
  keyKind({ oid: KEY_ALGORITHM.EC, parameters: parse(der, readCurve) });
  return importKey({ key: der, format: 'der', type: 'sec1' });
}

const VERSION_2 = 1;
const ATTRIBUTES_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const PUBLIC_KEY_TAG = CONTEXT_SPECIFIC | 1;
const CURVE_NUMBER = 0;
const RSA_INTEGERS = 8;
const RSA_MAX_OCTETS = 16_384 / 8 + 1;
const PROBE = Buffer.from('a key must verify what it signed');

function parse<T>(der: Uint8Array, read: (reader: DerReader) => T): T {
  try {
    return readDer(der, read);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new X509Error('key_invalid', 'the octets are not a private key of the type that they name', {
      cause,
    });
  }
}

function readPkcs8(reader: DerReader) {
  return reader.sequence((fields) => {
    fields.smallInteger(VERSION_2);
    const { bytes: algorithmDer, value: algorithm } = fields.capture(readAlgorithmIdentifier);
    const privateKey = fields.octetString();
    if (fields.nextTag === ATTRIBUTES_TAG) fields.element();
    const publicKey = fields.nextTag === PUBLIC_KEY_TAG ? fields.element().content.subarray(1) : undefined;
    return { algorithm, algorithmDer, privateKey, publicKey };
  });
}

/**
 * Version 0 and eight numbers, none greater than the modulus. This bounds the work of OpenSSL. More than two
 * primes are refused.
 */
function requireRsaSizes(reader: DerReader): void {
  reader.sequence((fields) => {
    fields.smallInteger(0);
    const [modulus, ...others] = fields.list((field) => ({ offset: field.offset, value: field.integer() }));
    const isBounded = others.every(({ value }) => value > 0n && value < (modulus?.value ?? 0n));
    if (modulus === undefined || others.length !== RSA_INTEGERS - 1 || !isBounded) {
      throw new DerError('the numbers are not those of an RSA key', modulus?.offset ?? 0);
    }
    if (modulus.value >> BigInt(RSA_MAX_OCTETS * 8) > 0n)
      throw new DerError('the RSA modulus is too large', modulus.offset);
  });
}

function readCurve(reader: DerReader): Uint8Array | undefined {
  return reader.sequence((fields) => {
    fields.smallInteger(1);
    fields.octetString();
    const hasCurve = fields.nextTag === (CONTEXT_SPECIFIC | CONSTRUCTED | CURVE_NUMBER);
    const curve = hasCurve ? fields.context(CURVE_NUMBER, (field) => field.element().bytes) : undefined;
    fields.list((field) => field.element());
    return curve;
  });
}

function importKey(input: { key: Buffer; format: 'der'; type: 'pkcs8' | 'pkcs1' | 'sec1' }): KeyObject {
  try {
    const key = createPrivateKey(input);
    publicKeyType(key);
    if (isConsistent(key)) return key;
  } catch (cause) {
    if (cause instanceof X509Error) throw cause;
    throw new X509Error('key_invalid', 'the octets are not a private key of the type that they name', {
      cause,
    });
  }
  throw mismatch();
}

/** OpenSSL does not check the public part of an elliptic curve key or an RSA key. */
function isConsistent(key: KeyObject): boolean {
  const { asymmetricKeyType = '', asymmetricKeyDetails } = key;
  const digest = HASHED.includes(asymmetricKeyType)
    ? (asymmetricKeyDetails?.hashAlgorithm ?? 'sha256')
    : null;
  return verify(digest, PROBE, createPublicKey(key), sign(digest, PROBE, key));
}

const HASHED: readonly string[] = ['ec', 'rsa', 'rsa-pss'];

/**
 * Whether two private keys are the same. Both were checked against their public parts when they were imported
 * here.
 */
export function isSameKey(one: KeyObject, other: KeyObject): boolean {
  // For keys of two types, KeyObject.equals leaves an error in OpenSSL's queue, and the next import fails
  // with it.
  return Buffer.compare(encodeSpki(createPublicKey(one)), encodeSpki(createPublicKey(other))) === 0;
}

function publicKeyBits(key: KeyObject): Uint8Array {
  return readDer(encodeSpki(createPublicKey(key)), readKeyBits);
}

function mismatch(): X509Error {
  return new X509Error('key_invalid', 'the private part of the key does not match its public part');
}
