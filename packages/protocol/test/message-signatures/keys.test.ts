import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import type { JsonKey } from '../../src/index.ts';
import { importSigningKey, importVerifyingKey, sharedSecret } from '../../src/index.ts';
import { backEnds } from '../support/back-ends.ts';
import { ed25519, ed25519Private, p256, rsaPss, secret } from '../support/rfc9421.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs = {
  ed25519: generateKeyPairSync('ed25519'),
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ecdsa-p384-sha384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'rsa-pss-sha512': rsa,
};
const data = Uint8Array.of(1, 2, 3);
const ofSmallOrder = (point: Uint8Array) => ({
  ...ed25519,
  x: point.toBase64({ alphabet: 'base64url', omitPadding: true }),
});

for (const { name, primitives } of backEnds) {
  suite(`keys on ${name}`, () => {
    for (const [algorithm, { publicKey, privateKey }] of Object.entries(pairs)) {
      test(`sign and verify ${algorithm} (RFC 9421 §3.3)`, async () => {
        const signer = await importSigningKey(privateKey.export({ format: 'jwk' }) as JsonKey, primitives);
        const verifier = await importVerifyingKey(publicKey.export({ format: 'jwk' }) as JsonKey, primitives);
        assert.equal(signer.algorithm, algorithm);
        assert.equal(verifier.algorithm, algorithm);
        const signature = await signer.sign(data);
        assert.equal(await verifier.verify(data, signature), true);
        assert.equal(await verifier.verify(Uint8Array.of(1), signature), false);
        assert.equal(await verifier.verify(data, signature.subarray(1)), false);
      });
    }

    test('sign and verify with a secret', async () => {
      const key = sharedSecret(secret, primitives);
      const signature = await key.sign(data);
      assert.equal(await key.verify(data, signature), true);
      assert.equal(await key.verify(data, signature.subarray(1)), false);
      assert.throws(() => sharedSecret(new Uint8Array(31), primitives), { code: 'signature_key_invalid' });
    });

    const weak: Readonly<Record<string, JsonKey>> = {
      'a private key': ed25519Private,
      'a secret': { kty: 'oct', k: 'AAAA' },
      'a secret named as a public key': { ...rsaPss, kty: 'oct' },
      'RSA of 1024 bits': generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
        format: 'jwk',
      }) as JsonKey,
      'RSA with leading zeros': { ...rsaPss, n: `${'A'.repeat(8)}${rsaPss.n.slice(0, 200)}` },
      'RSA with the exponent 1': { ...rsaPss, e: 'AQ' },
      'RSA with an even exponent': { ...rsaPss, e: 'AQAC' },
      'a point of small order': ofSmallOrder(new Uint8Array(32)),
      'a point of small order with the other sign': ofSmallOrder(Uint8Array.fromHex(`ec${'ff'.repeat(31)}`)),
      X25519: { kty: 'OKP', crv: 'X25519', x: ed25519.x },
      secp256k1: { ...p256, crv: 'secp256k1' },
      'a point that is not on the curve': { ...p256, x: p256.y },
      'a key of another algorithm': { ...rsaPss, alg: 'RS256' },
      'a key for encryption': { ...p256, use: 'enc' },
      'a key without its numbers': { kty: 'EC', crv: 'P-256' },
      'nothing at all': {},
    };
    for (const [what, jwk] of Object.entries(weak)) {
      test(`refuses ${what}`, async () => {
        await assert.rejects(importVerifyingKey(jwk, primitives), { code: 'signature_key_invalid' });
      });
    }
  });
}

test('refuses a public key in place of a private one', async () => {
  await assert.rejects(importSigningKey(ed25519), { code: 'signature_key_invalid' });
});

test('accepts other members of keys in key sets (RFC 7517 §4)', async () => {
  const key = await importVerifyingKey({ ...p256, kid: 'k', use: 'sig', alg: 'ES256' });
  assert.equal(key.algorithm, 'ecdsa-p256-sha256');
});
