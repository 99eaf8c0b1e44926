// Signers: signatures that node verifies, and keys that an authority cannot have.
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { X509Error } from '../../src/errors.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { encodeSignatureAlgorithm, signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki } from '../../src/keys/spki.ts';

const algorithms = [
  { type: 'P-256', algorithm: 'ecdsa-p256-sha256', digest: 'sha256', identifier: '300a06082a8648ce3d040302' },
  { type: 'P-384', algorithm: 'ecdsa-p384-sha384', digest: 'sha384', identifier: '300a06082a8648ce3d040303' },
  { type: 'Ed25519', algorithm: 'ed25519', digest: null, identifier: '300506032b6570' },
  {
    type: 'RSA-2048',
    algorithm: 'rsa-v1_5-sha256',
    digest: 'sha256',
    identifier: '300d06092a864886f70d01010b0500',
  },
  { type: 'ML-DSA-44', algorithm: 'ml-dsa-44', digest: null, identifier: '300b0609608648016503040311' },
  { type: 'ML-DSA-65', algorithm: 'ml-dsa-65', digest: null, identifier: '300b0609608648016503040312' },
  { type: 'ML-DSA-87', algorithm: 'ml-dsa-87', digest: null, identifier: '300b0609608648016503040313' },
] as const;

for (const { type, algorithm, digest, identifier } of algorithms) {
  test(`signs with ${type} as ${algorithm}, with the parameters of its standard (RFC 5758 §3.2, RFC 8410 §3, RFC 4055 §5, RFC 9881 §2)`, () => {
    const privateKey = generatePrivateKey(type);
    const signer = signerFromKey(privateKey);
    const tbs = Buffer.from('to be signed');
    assert.equal(signer.algorithm, algorithm);
    assert.deepEqual(signer.publicKey, encodeSpki(createPublicKey(privateKey)));
    assert.ok(verify(digest, tbs, createPublicKey(privateKey), signer.sign(tbs)));
    assert.equal(encodeSignatureAlgorithm(algorithm).toString('hex'), identifier);
  });
}

test('refuses short RSA keys, RSA-PSS keys, P-521 and other curves', () => {
  const refused = [
    generateKeyPairSync('rsa', { modulusLength: 2040 }),
    generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
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
