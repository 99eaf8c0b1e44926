// Public keys: their types, their files, and refused private keys.
import assert from 'node:assert/strict';
import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { encodePrivateKey, generatePrivateKey, PRIVATE_KEY_TYPES } from '../../src/keys/private-key.ts';
import { publicKeyType } from '../../src/keys/public-key.ts';
import { readPublicKey } from '../../src/keys/read-public-key.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { decodePemBlock, encodePem } from '../../src/read/pem.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const p256 = generatePrivateKey('P-256');
const rsa = generatePrivateKey('RSA-2048');

function assertRefused(read: () => unknown, code: X509ErrorCode): void {
  assert.throws(read, (error) => error instanceof X509Error && error.code === code);
}

test('returns the same type for a public key, a private key and an SPKI', () => {
  for (const type of PRIVATE_KEY_TYPES.filter((each) => each !== 'RSA-4096')) {
    const key = generatePrivateKey(type);
    const publicKey = createPublicKey(key);
    for (const each of [key, publicKey, encodeSpki(publicKey)]) assert.equal(publicKeyType(each), type);
  }
  assert.equal(publicKeyType(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey), 'P-521');
  assert.equal(publicKeyType(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), 'RSA-1024');
  assert.equal(
    publicKeyType(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
    'RSA-PSS-2048',
  );
});

test('refuses types that certificates here cannot have, points off the curve, and points in the hybrid form (RFC 5480 §2.2)', () => {
  assertRefused(() => publicKeyType(generateKeyPairSync('x25519').publicKey), 'key_unsupported');
  assertRefused(
    () => publicKeyType(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey),
    'key_unsupported',
  );
  assert.throws(() => publicKeyType(createSecretKey(Buffer.from('x'))), TypeError);
  const spki = Buffer.from(encodeSpki(createPublicKey(p256)));
  const offCurve = Buffer.from(spki);
  offCurve[80] = (offCurve[80] ?? 0) ^ 1;
  assertRefused(() => publicKeyType(offCurve), 'key_invalid');
  const hybrid = Buffer.from(spki);
  hybrid[26] = 6 + ((hybrid.at(-1) ?? 0) & 1);
  createPublicKey({ key: hybrid, format: 'der', type: 'spki' });
  assertRefused(() => publicKeyType(hybrid), 'key_invalid');
  assertRefused(() => publicKeyType(Buffer.concat([spki, Buffer.of(0)])), 'key_invalid');
});

test('reads SPKI and PKCS#1, PEM and DER (RFC 5280 §4.1.2.7, RFC 8017 §A.1.1)', () => {
  for (const [key, type] of [
    [p256, 'spki'],
    [rsa, 'spki'],
    [rsa, 'pkcs1'],
  ] as const) {
    const publicKey = createPublicKey(key);
    const pem = publicKey.export({ type, format: 'pem' }).toString();
    const der = publicKey.export({ type, format: 'der' });
    for (const input of [pem, Buffer.from(pem), der, `${encodePem('CERTIFICATE', der)}${pem}`])
      assert.ok(readPublicKey(input).equals(publicKey));
  }
});

test('reads keys of openssl', { skip: skipWithoutOpenssl }, () => {
  const files = { 'key.pem': encodePrivateKey(rsa) };
  for (const args of [
    ['pkey', '-pubout'],
    ['rsa', '-RSAPublicKey_out'],
  ])
    assert.ok(readPublicKey(openssl([...args, '-in', 'key.pem'], files)).equals(createPublicKey(rsa)));
});

test('refuses private keys, because node would use their public part', () => {
  const pem = encodePrivateKey(p256);
  assert.ok(createPublicKey(pem).equals(createPublicKey(p256)));
  const publicPem = createPublicKey(p256).export({ type: 'spki', format: 'pem' }).toString();
  for (const input of [pem, publicPem + pem, decodePemBlock(pem, 'PRIVATE KEY')])
    assertRefused(() => readPublicKey(input), 'key_invalid');
  assertRefused(() => readPublicKey(rsa.export({ type: 'pkcs1', format: 'der' })), 'key_invalid');
  assertRefused(() => readPublicKey(p256.export({ type: 'sec1', format: 'pem' }).toString()), 'key_invalid');
  assert.ok(readPublicKey(publicPem + publicPem).equals(createPublicKey(p256)));
  const other = createPublicKey(rsa).export({ type: 'pkcs1', format: 'pem' }).toString();
  assertRefused(() => readPublicKey(publicPem + other), 'pem_invalid');
  assertRefused(() => readPublicKey(encodePem('toString', Buffer.of(1))), 'pem_invalid');
  assertRefused(() => readPublicKey(''), 'pem_invalid');
  assertRefused(() => readPublicKey(Buffer.from('3000', 'hex')), 'key_invalid');
});
