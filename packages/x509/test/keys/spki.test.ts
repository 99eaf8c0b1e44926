// Public keys: identifiers and fingerprints against openssl and against a computation step by step.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { readDer } from '../../src/der/read.ts';
import { DerError } from '../../src/errors.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { encodeSpki, keyBits, keyIdentifier, readKeyBits, spkiFingerprint } from '../../src/keys/spki.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const privateKey = generatePrivateKey('P-256');
const publicKey = createPublicKey(privateKey);
const spki = encodeSpki(publicKey);

test('identifies a key by the leftmost 160 bits of the SHA-256 of its key bits (RFC 7093 §2, method 1)', () => {
  const point = Buffer.from(spki).subarray(-65);
  assert.equal(point[0], 4);
  assert.deepEqual(
    Buffer.from(keyIdentifier(spki)),
    createHash('sha256').update(point).digest().subarray(0, 20),
  );
});

test('also identifies RSA keys, whose algorithm has NULL parameters', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const key = rsa.export({ type: 'pkcs1', format: 'der' });
  assert.deepEqual(
    Buffer.from(keyIdentifier(encodeSpki(rsa))),
    createHash('sha256').update(key).digest().subarray(0, 20),
  );
});

test('finds the same key bits as the reader', () => {
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const usual = encodeSpki(createPublicKey(generatePrivateKey(type)));
    assert.deepEqual(keyBits(usual), readDer(usual, readKeyBits), type);
  }
  const other = Buffer.from(spki);
  other[9] = (other[9] ?? 0) ^ 1;
  assert.deepEqual(keyBits(other), readDer(other, readKeyBits));
});

test('refuses to identify octets that are not an SPKI', () => {
  for (const octets of [
    new Uint8Array(),
    Buffer.from('3000', 'hex'),
    spki.subarray(0, -1),
    Buffer.concat([spki, Buffer.of(0)]),
  ]) {
    assert.throws(() => keyIdentifier(octets), DerError);
  }
});

test('returns the SHA-256 of the SPKI as hex, as a pin, and in the form of curl (RFC 7469 §2.4)', {
  skip: skipWithoutOpenssl,
}, () => {
  const printed = openssl(['dgst', '-sha256', '-r', 'spki.der'], { 'spki.der': spki });
  const { hex, pin, curlPin } = spkiFingerprint(publicKey);
  assert.equal(hex, printed.split(' ')[0]);
  assert.equal(pin, `sha256/${Buffer.from(hex, 'hex').toString('base64')}`);
  assert.equal(curlPin, `sha256//${Buffer.from(hex, 'hex').toString('base64')}`);
});

test('returns the fingerprint of a certificate’s key', () => {
  assert.deepEqual(spkiFingerprint({ spki }), spkiFingerprint(publicKey));
});

test('refuses private and secret keys, so that they are not published by mistake', () => {
  assert.throws(() => encodeSpki(privateKey), TypeError);
  assert.throws(() => spkiFingerprint(privateKey), TypeError);
  assert.throws(() => spkiFingerprint(createSecretKey(Buffer.from('secret'))), TypeError);
});
