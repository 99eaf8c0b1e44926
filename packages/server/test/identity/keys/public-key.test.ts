import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { algorithmOf, readSigningPublicKey, thumbprintOf } from '../../../src/identity/keys/public-key.ts';

const pem = (key: KeyObject) => String(key.export({ type: 'spki', format: 'pem' }));
const usable = {
  ed25519: generateKeyPairSync('ed25519').publicKey,
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  'ecdsa-p384-sha384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
  'rsa-pss-sha512': generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
};

for (const [algorithm, key] of Object.entries(usable)) {
  test(`reads a key for ${algorithm}, and knows its thumbprint (RFC 7638)`, async () => {
    const stored = await readSigningPublicKey(pem(key));
    assert.equal(algorithmOf(stored), algorithm);
    assert.equal(thumbprintOf(stored), await calculateJwkThumbprint(stored));
  });
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const unusable: Record<string, string> = {
  'a private key': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  'a private key beside its public key': `${pem(publicKey)}${String(privateKey.export({ type: 'pkcs8', format: 'pem' }))}`,
  'RSA of 1024 bits': pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey),
  'RSASSA-PSS': pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey),
  X25519: pem(generateKeyPairSync('x25519').publicKey),
  Ed448: pem(generateKeyPairSync('ed448').publicKey),
  'P-521': pem(generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey),
  'no key': 'nonsense',
  nothing: '',
};

for (const [what, text] of Object.entries(unusable)) {
  test(`refuses ${what}`, async () => {
    await assert.rejects(readSigningPublicKey(text), {
      code: 'unprocessable',
      message:
        /^The public key cannot be used: .* Give PEM of an Ed25519, P-256 or RSA key \(at least 2048 bits\)\.$/,
    });
  });
}
