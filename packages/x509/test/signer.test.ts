// Signers: signatures that node verifies, and keys that cannot be an authority's.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { X509Error } from '../src/errors.ts';
import { generatePrivateKey } from '../src/private-key.ts';
import { encodeSignatureAlgorithm, signerFromKey } from '../src/signer.ts';
import { encodeSpki } from '../src/spki.ts';

const algorithms = [
  { type: 'P-256', algorithm: 'ecdsa-p256-sha256', digest: 'sha256', identifier: '300a06082a8648ce3d040302' },
  { type: 'P-384', algorithm: 'ecdsa-p384-sha384', digest: 'sha384', identifier: '300a06082a8648ce3d040303' },
  { type: 'Ed25519', algorithm: 'ed25519', digest: null, identifier: '300506032b6570' },
] as const;

for (const { type, algorithm, digest, identifier } of algorithms) {
  test(`signs with ${type} as ${algorithm}, without parameters (RFC 5758 §3.2, RFC 8410 §3)`, () => {
    const privateKey = generatePrivateKey(type);
    const signer = signerFromKey(privateKey);
    const tbs = Buffer.from('to be signed');
    assert.equal(signer.algorithm, algorithm);
    assert.deepEqual(signer.publicKey, encodeSpki(createPublicKey(privateKey)));
    assert.ok(verify(digest, tbs, createPublicKey(privateKey), signer.sign(tbs)));
    assert.equal(encodeSignatureAlgorithm(algorithm).toString('hex'), identifier);
  });
}

test('refuses keys of other types and curves', () => {
  const refused = [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('x25519'),
  ];
  for (const { privateKey } of refused) {
    assert.throws(
      () => signerFromKey(privateKey),
      (error) => error instanceof X509Error && error.code === 'key_unsupported',
    );
  }
});

test('refuses a public key', () => {
  assert.throws(() => signerFromKey(createPublicKey(generatePrivateKey('P-256'))), TypeError);
});
