// Private keys: generation, PKCS#8 in both directions with node and openssl, plain and encrypted, and refused
// input.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import {
  decodePrivateKey,
  encodePrivateKey,
  encryptPrivateKey,
  generatePrivateKey,
  PRIVATE_KEY_TYPES,
  type PrivateKeyType,
} from '../../src/keys/private-key.ts';
import { publicKeyType } from '../../src/keys/public-key.ts';
import { readPrivateKey } from '../../src/keys/read-private-key.ts';
import { decodePemBlock, encodePem } from '../../src/read/pem.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

/** One key of each type for all tests, because generating RSA takes long. */
const keys = new Map<PrivateKeyType, KeyObject>();
function keyOf(type: PrivateKeyType): KeyObject {
  const key = keys.get(type) ?? generatePrivateKey(type);
  keys.set(type, key);
  return key;
}

/** Types that the openssl of a distribution may not support yet. */
const isNew = (type: string) => type.startsWith('ML-DSA');

function assertRefused(pem: string, code: X509ErrorCode): void {
  assert.throws(
    () => decodePrivateKey(pem),
    (error) =>
      error instanceof X509Error && error.code === code && !error.message.includes(pem.split('\n')[1] ?? pem),
  );
}

for (const type of PRIVATE_KEY_TYPES) {
  test(`generates a new ${type} key each time, and reads it back from PKCS#8 (RFC 5958)`, () => {
    const key = keyOf(type);
    const pem = encodePrivateKey(key);
    assert.equal(publicKeyType(key), type);
    if (!type.startsWith('RSA')) assert.ok(!key.equals(generatePrivateKey(type)));
    assert.ok(decodePrivateKey(pem).equals(key));
    assert.equal(pem, key.export({ type: 'pkcs8', format: 'pem' }));
  });
}

// Encryption does not depend on the type: the smallest key, the longest, and one with a seed are enough.
for (const type of ['Ed25519', 'RSA-4096', 'ML-DSA-87'] as const) {
  test(`encrypts ${type} keys with PBES2, AES-256 and 600,000 rounds (RFC 8018 §6.2)`, () => {
    const key = keyOf(type);
    const pem = encryptPrivateKey(key, 'pässphrase');
    assert.ok(readPrivateKey(pem, 'pässphrase').equals(key));
    assert.ok(createPrivateKey({ key: pem, passphrase: 'pässphrase' }).equals(key));
    const der = decodePemBlock(pem, 'ENCRYPTED PRIVATE KEY');
    const pbes2 = '06092a864886f70d01050d';
    const rounds = '02030927c0';
    const hmacSha256 = '06082a864886f70d0209';
    const aes256 = '060960864801650304012a0410';
    for (const part of [pbes2, rounds, hmacSha256, aes256])
      assert.ok(der.includes(Buffer.from(part, 'hex')), part);
  });
}

for (const type of PRIVATE_KEY_TYPES.filter((each) => !isNew(each))) {
  test(`writes ${type} keys that openssl finds valid (RFC 5958)`, { skip: skipWithoutOpenssl }, () => {
    const check = ['pkey', '-in', 'key.pem', '-check', '-noout'];
    assert.match(openssl(check, { 'key.pem': encodePrivateKey(keyOf(type)) }), /is valid/);
  });
}

for (const [type, ...options] of [
  ['Ed25519', '-algorithm', 'ED25519'],
  ['RSA', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ['P-256', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ['P-384', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
]) {
  test(`reads ${type} keys that openssl makes (RFC 5958)`, { skip: skipWithoutOpenssl }, () => {
    const made = openssl(['genpkey', ...options]);
    assert.equal(encodePrivateKey(decodePrivateKey(made)), made);
  });
}

test('encrypts differently each time, and refuses an empty passphrase', () => {
  const key = generatePrivateKey('P-256');
  assert.notEqual(encryptPrivateKey(key, 'x'), encryptPrivateKey(key, 'x'));
  assert.throws(
    () => encryptPrivateKey(key, ''),
    (error) => error instanceof X509Error && error.code === 'passphrase_missing',
  );
});

test('refuses encrypted keys, other forms, certificates and several keys', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encrypted = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  });
  assertRefused(encrypted.toString(), 'pem_invalid');
  assertRefused(privateKey.export({ type: 'sec1', format: 'pem' }).toString(), 'pem_invalid');
  assertRefused(
    createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    'pem_invalid',
  );
  assertRefused(encodePrivateKey(privateKey).repeat(2), 'pem_invalid');
});

test('refuses octets after the key, and DER that is not a key', () => {
  const der = decodePemBlock(encodePrivateKey(generatePrivateKey('P-256')), 'PRIVATE KEY');
  assertRefused(encodePem('PRIVATE KEY', Buffer.concat([der, Buffer.of(0)])), 'key_invalid');
  assertRefused(encodePem('PRIVATE KEY', Buffer.from('3003020100', 'hex')), 'key_invalid');
});

test('refuses to write a public key as a private one', () => {
  assert.throws(() => encodePrivateKey(createPublicKey(generatePrivateKey('P-256'))), TypeError);
});
