// The names of object identifiers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extensionName, generatePrivateKey, signatureAlgorithmName, signerFromKey } from '../src/index.ts';
import { encodeSignatureAlgorithm } from '../src/keys/signer.ts';

test('returns the names of RFC 5280 for extensions, and the number of others', () => {
  assert.equal(extensionName('2.5.29.15'), 'keyUsage');
  assert.equal(extensionName('2.5.29.20'), 'cRLNumber');
  assert.equal(extensionName('1.3.6.1.4.1.311.21.7'), '1.3.6.1.4.1.311.21.7');
});

test('returns the name of every signature algorithm that signers use', () => {
  const cases = [
    ['P-256', 'ecdsa-with-SHA256'],
    ['P-384', 'ecdsa-with-SHA384'],
    ['Ed25519', 'Ed25519'],
    ['RSA-2048', 'sha256WithRSAEncryption'],
    ['ML-DSA-44', 'ML-DSA-44'],
  ] as const;
  for (const [type, name] of cases) {
    const { algorithm } = signerFromKey(generatePrivateKey(type));
    assert.equal(signatureAlgorithmName(encodeSignatureAlgorithm(algorithm)), name);
  }
});
