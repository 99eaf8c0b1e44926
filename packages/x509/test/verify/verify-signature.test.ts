// Verifies signatures of node and openssl with every accepted algorithm, and refuses others.
import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Der,
  encodeDer,
  explicit,
  integer,
  nullValue,
  objectIdentifier,
  sequence,
} from '../../src/der/write.ts';
import { DerError, X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { encodeSignatureAlgorithm, signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { verifySignature } from '../../src/verify/verify-signature.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const tbs = Buffer.from('to be signed');
const SHA256 = '2.16.840.1.101.3.4.2.1';
const SHA512 = '2.16.840.1.101.3.4.2.3';
const SHA1 = '1.3.14.3.2.26';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const p256 = generatePrivateKey('P-256');

function algorithm(oid: string, ...parameters: Der[]): Buffer {
  return encodeDer(sequence(objectIdentifier(oid), ...parameters));
}

function pss(digest: string, maskDigest: string, saltLength: number): Buffer {
  const mask = sequence(objectIdentifier('1.2.840.113549.1.1.8'), algorithm(maskDigest, nullValue()));
  return algorithm(
    '1.2.840.113549.1.1.10',
    sequence(
      explicit(0, algorithm(digest, nullValue())),
      explicit(1, mask),
      explicit(2, integer(saltLength)),
    ),
  );
}

function spkiOf(privateKey: KeyObject): Uint8Array {
  return encodeSpki(createPublicKey(privateKey));
}

function assertHolds(signatureAlgorithm: Uint8Array, key: KeyObject, signature: Uint8Array): void {
  const signed = { tbs, signatureAlgorithm, signature };
  assert.equal(verifySignature(signed, spkiOf(key)), true);
  assert.equal(verifySignature({ ...signed, tbs: Buffer.from('something else') }, spkiOf(key)), false);
  assert.equal(verifySignature({ ...signed, signature: Buffer.alloc(signature.length) }, spkiOf(key)), false);
  assert.equal(verifySignature({ ...signed, signature: new Uint8Array() }, spkiOf(key)), false);
}

function assertRefused(signatureAlgorithm: Uint8Array, spki: Uint8Array, code: X509ErrorCode): void {
  assert.throws(
    () => verifySignature({ tbs, signatureAlgorithm, signature: Buffer.alloc(64) }, spki),
    (error) => error instanceof X509Error && error.code === code,
  );
}

const ecdsa = [
  ['sha256', '1.2.840.10045.4.3.2'],
  ['sha384', '1.2.840.10045.4.3.3'],
  ['sha512', '1.2.840.10045.4.3.4'],
] as const;

for (const curve of ['P-256', 'P-384', 'P-521']) {
  test(`verifies ECDSA on ${curve} with SHA-256, SHA-384 and SHA-512 (RFC 5758 §3.2)`, () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
    for (const [digest, oid] of ecdsa) assertHolds(algorithm(oid), privateKey, sign(digest, tbs, privateKey));
  });
}

test('verifies RSA PKCS#1 v1.5, with NULL parameters and without (RFC 4055 §5)', () => {
  for (const [digest, last] of [
    ['sha256', 11],
    ['sha384', 12],
    ['sha512', 13],
  ] as const) {
    const signature = sign(digest, tbs, rsa);
    assertHolds(algorithm(`1.2.840.113549.1.1.${last}`, nullValue()), rsa, signature);
    assertHolds(algorithm(`1.2.840.113549.1.1.${last}`), rsa, signature);
  }
});

test('verifies RSA-PSS with the digest and the salt that its parameters name (RFC 4055 §3.1)', () => {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  for (const [digest, oid, saltLength] of [
    ['sha256', SHA256, 32],
    ['sha512', SHA512, 20],
  ] as const) {
    const signature = sign(digest, tbs, { key: rsa, padding, saltLength });
    assertHolds(pss(oid, oid, saltLength), rsa, signature);
    const otherSalt = { tbs, signatureAlgorithm: pss(oid, oid, saltLength + 1), signature };
    assert.equal(verifySignature(otherSalt, spkiOf(rsa)), false);
  }
});

test('checks the digest and the salt that an RSA-PSS key prescribes (RFC 4055 §3.1)', () => {
  const bound = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' };
  const { privateKey } = generateKeyPairSync('rsa-pss', bound);
  const signature = sign('sha256', tbs, { key: privateKey, saltLength: 32 });
  assertHolds(pss(SHA256, SHA256, 32), privateKey, signature);
  for (const signatureAlgorithm of [
    pss(SHA512, SHA512, 64),
    pss(SHA256, SHA256, 31),
    algorithm('1.2.840.113549.1.1.11'),
  ])
    assert.equal(verifySignature({ tbs, signatureAlgorithm, signature }, spkiOf(privateKey)), false);
});

for (const type of ['Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87', 'RSA-3072'] as const) {
  test(`verifies signatures of a signer with ${type} (RFC 8410 §6, RFC 9881 §3, RFC 4055 §5)`, () => {
    const key = generatePrivateKey(type);
    const signer = signerFromKey(key);
    assertHolds(encodeSignatureAlgorithm(signer.algorithm), key, signer.sign(tbs));
  });
}

test('refuses MD5, SHA-1 and unknown algorithms (RFC 9155, RFC 6151)', () => {
  for (const oid of ['1.2.840.113549.1.1.4', '1.2.840.113549.1.1.5', '1.2.840.10045.4.1', '1.2.3'])
    assertRefused(algorithm(oid), spkiOf(p256), 'algorithm_unsupported');
  for (const refused of [
    pss(SHA1, SHA1, 20),
    pss(SHA256, SHA512, 32),
    algorithm('1.2.840.113549.1.1.10', sequence()),
  ])
    assertRefused(refused, spkiOf(rsa), 'algorithm_unsupported');
});

test('refuses parameters that an algorithm does not have (RFC 5758 §3.2, RFC 8410 §3, RFC 9881 §2)', () => {
  for (const oid of ['1.2.840.10045.4.3.2', '1.3.101.112', '2.16.840.1.101.3.4.3.18'])
    assertRefused(algorithm(oid, nullValue()), spkiOf(p256), 'algorithm_unsupported');
  assertRefused(algorithm('1.2.840.113549.1.1.11', integer(1)), spkiOf(rsa), 'algorithm_unsupported');
  assertRefused(algorithm('1.2.840.113549.1.1.10'), spkiOf(rsa), 'der_invalid');
});

test('returns false for a key of another type', () => {
  const keys = [rsa, p256, generatePrivateKey('Ed25519'), generatePrivateKey('ML-DSA-44')];
  for (const signerKey of keys) {
    const { algorithm: name, sign: signWith } = signerFromKey(signerKey);
    const signed = { tbs, signatureAlgorithm: encodeSignatureAlgorithm(name), signature: signWith(tbs) };
    for (const key of keys) assert.equal(verifySignature(signed, spkiOf(key)), key === signerKey);
  }
});

test('refuses RSA below 2048 bits, an RSA exponent of 1, other curves, and octets that are not a key', () => {
  const name = encodeSignatureAlgorithm('rsa-v1_5-sha256');
  assertRefused(
    name,
    spkiOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
    'key_unsupported',
  );
  const spki = Buffer.from(spkiOf(rsa));
  spki.writeUIntBE(1, spki.length - 3, 3);
  assert.throws(() => verifySignature({ tbs, signatureAlgorithm: name, signature: tbs }, spki), X509Error);
  const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
  assertRefused(encodeSignatureAlgorithm('ecdsa-p256-sha256'), spkiOf(koblitz), 'key_unsupported');
  assertRefused(encodeSignatureAlgorithm('ed25519'), new Uint8Array(), 'key_invalid');
  assertRefused(encodeSignatureAlgorithm('ed25519'), Buffer.concat([spkiOf(p256), tbs]), 'key_invalid');
});

test('refuses an elliptic curve that is given by parameters (RFC 5480 §2.1.1)', () => {
  const explicitCurve = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    paramEncoding: 'explicit',
  }).privateKey;
  assertRefused(encodeSignatureAlgorithm('ecdsa-p256-sha256'), spkiOf(explicitCurve), 'key_unsupported');
});

test('returns false or throws X509Error for any change of key, algorithm and signature', () => {
  const signed = [p256, rsa, generatePrivateKey('Ed25519')].map((key) => {
    const signer = signerFromKey(key);
    return {
      signatureAlgorithm: encodeSignatureAlgorithm(signer.algorithm),
      signature: Buffer.from(signer.sign(tbs)),
      spki: Buffer.from(signer.publicKey),
    };
  });
  const change = fc.record({
    item: fc.constantFrom(...signed),
    field: fc.constantFrom('signatureAlgorithm', 'signature', 'spki'),
    at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    octet: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(change, ({ item, field, at, octet }) => {
      const bytes = Buffer.from(item[field]);
      const index = Math.floor(at * bytes.length);
      bytes[index] = (bytes[index] ?? 0) ^ octet;
      const { spki, ...rest } = { ...item, [field]: bytes };
      try {
        assert.equal(verifySignature({ tbs, ...rest }, spki), false);
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('refuses an algorithm that is not DER', () => {
  assert.throws(
    () =>
      verifySignature({ tbs, signatureAlgorithm: Buffer.from('30', 'hex'), signature: tbs }, spkiOf(p256)),
    DerError,
  );
});

for (const options of [
  ['-newkey', 'rsa:2048', '-sha256'],
  ['-newkey', 'rsa:2048', '-sha512', '-sigopt', 'rsa_padding_mode:pss'],
  ['-newkey', 'rsa:2048', '-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:20'],
  ['-newkey', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048', '-sha256'],
  ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521', '-sha512'],
  ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-sha384'],
  ['-newkey', 'ed25519'],
]) {
  test(`agrees with openssl on a certificate of ${options.join(' ')}`, { skip: skipWithoutOpenssl }, () => {
    const certificate = readCertificate(
      openssl(['req', '-x509', '-nodes', '-keyout', 'key.pem', '-subj', '/CN=x', ...options]),
    );
    assert.equal(verifySignature(certificate, certificate.spki), true);
    assert.equal(verifySignature({ ...certificate, tbs: certificate.der }, certificate.spki), false);
  });
}

test('refuses signatures of openssl with SHA-1', { skip: skipWithoutOpenssl }, () => {
  const options = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-subj', '/CN=x', '-sha1'];
  const { signatureAlgorithm, spki } = readCertificate(openssl(['req', '-x509', ...options]));
  assertRefused(signatureAlgorithm, spki, 'algorithm_unsupported');
});
