// Private keys: PKCS#8 both ways with node and openssl, and what must not pass for one.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { X509Error, type X509ErrorCode } from '../src/errors.ts';
import { decodePemBlock, encodePem } from '../src/pem.ts';
import {
  decodePrivateKey,
  encodePrivateKey,
  generatePrivateKey,
  type PrivateKeyType,
} from '../src/private-key.ts';
import { openssl, skipWithoutOpenssl } from './support/openssl.ts';

const types: PrivateKeyType[] = ['P-256', 'P-384', 'Ed25519'];

function assertRefused(pem: string, code: X509ErrorCode): void {
  assert.throws(
    () => decodePrivateKey(pem),
    (error) =>
      error instanceof X509Error && error.code === code && !error.message.includes(pem.split('\n')[1] ?? pem),
  );
}

for (const type of types) {
  test(`generates a new ${type} key each time, and reads it back from PKCS#8 (RFC 5958)`, () => {
    const key = generatePrivateKey(type);
    const pem = encodePrivateKey(key);
    assert.ok(!key.equals(generatePrivateKey(type)));
    assert.ok(decodePrivateKey(pem).equals(key));
    assert.equal(pem, key.export({ type: 'pkcs8', format: 'pem' }));
  });

  test(`exchanges ${type} keys with openssl (RFC 5958)`, { skip: skipWithoutOpenssl }, () => {
    const made = openssl([
      'genpkey',
      ...(type === 'Ed25519'
        ? ['-algorithm', type]
        : ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${type}`]),
    ]);
    assert.equal(encodePrivateKey(decodePrivateKey(made)), made);
    const ours = encodePrivateKey(generatePrivateKey(type));
    assert.match(openssl(['pkey', '-in', 'key.pem', '-check', '-noout'], { 'key.pem': ours }), /is valid/);
  });
}

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

test('refuses octets after the key, and DER that is no key', () => {
  const der = decodePemBlock(encodePrivateKey(generatePrivateKey('P-256')), 'PRIVATE KEY');
  assertRefused(encodePem('PRIVATE KEY', Buffer.concat([der, Buffer.of(0)])), 'der_invalid');
  assertRefused(encodePem('PRIVATE KEY', Buffer.from('3003020100', 'hex')), 'key_invalid');
});

test('refuses to write a public key as a private one', () => {
  assert.throws(() => encodePrivateKey(createPublicKey(generatePrivateKey('P-256'))), TypeError);
});
