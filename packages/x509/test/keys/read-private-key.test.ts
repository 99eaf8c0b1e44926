// Reading private keys in every form of node and openssl, with right and wrong passphrases.
import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { test } from 'node:test';
import {
  bitString,
  type Der,
  encodeDer,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { encodePrivateKey, generatePrivateKey } from '../../src/keys/private-key.ts';
import { readPrivateKey } from '../../src/keys/read-private-key.ts';
import { decodePemBlock, encodePem } from '../../src/read/pem.ts';
import { expandMlDsa44 } from '../support/ml-dsa-44.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const PASSPHRASE = 'correct hörse';
const p256 = generatePrivateKey('P-256');
const rsa = generatePrivateKey('RSA-2048');
const ed25519 = generatePrivateKey('Ed25519');

function assertRefused(
  input: string | Uint8Array,
  code: X509ErrorCode,
  passphrase?: string | (() => string),
): void {
  assert.throws(
    () => readPrivateKey(input, passphrase),
    (error) => {
      assert.ok(error instanceof X509Error, String(error));
      assert.equal(error.code, code, error.message);
      if (typeof passphrase === 'string') assert.ok(!error.message.includes(passphrase));
      return true;
    },
  );
}

/** Reads PEM as text and as octets, and also its DER unless headers encrypt it. */
function assertReads(pem: string, key: KeyObject, passphrase?: string): void {
  assert.ok(readPrivateKey(pem, passphrase).equals(key));
  assert.ok(readPrivateKey(Buffer.from(pem), passphrase).equals(key));
  if (pem.includes('Proc-Type')) return;
  const label = /BEGIN (.*)-----/.exec(pem)?.[1] ?? '';
  assert.ok(readPrivateKey(decodePemBlock(pem, label), passphrase).equals(key));
}

test('reads PKCS#8, PKCS#1 and SEC1 as node writes them, PEM and DER (RFC 5958, RFC 8017 §A.1.2, RFC 5915)', () => {
  for (const key of [p256, rsa, ed25519, generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey])
    assertReads(encodePrivateKey(key), key);
  assertReads(rsa.export({ type: 'pkcs1', format: 'pem' }).toString(), rsa);
  assertReads(p256.export({ type: 'sec1', format: 'pem' }).toString(), p256);
});

for (const cipher of ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des-ede3-cbc']) {
  test(`reads PKCS#1, SEC1 and PKCS#8 that node encrypted with ${cipher} (RFC 1421 §4.6, RFC 8018 §6.2)`, () => {
    const options = { format: 'pem', cipher, passphrase: PASSPHRASE } as const;
    for (const [key, type] of [
      [rsa, 'pkcs1'],
      [p256, 'sec1'],
      [ed25519, 'pkcs8'],
    ] as const) {
      const pem = key.export({ ...options, type } as Parameters<KeyObject['export']>[0]).toString();
      assertReads(pem, key, PASSPHRASE);
      assertRefused(pem, 'passphrase_wrong', 'opensesame');
      assertRefused(pem, 'passphrase_missing');
    }
  });
}

const encryptions = [
  ...['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((digest) => [
    '-v2',
    'aes-256-cbc',
    '-v2prf',
    `hmacWith${digest.toUpperCase()}`,
    '-iter',
    '3000',
  ]),
  ['-v2', 'des3'],
  ['-v2', 'aes-128-cbc'],
  ['-scrypt'],
  ['-v1', 'PBE-SHA1-3DES'],
];

for (const options of encryptions) {
  test(`reads PKCS#8 that openssl encrypted with ${options.join(' ')}`, { skip: skipWithoutOpenssl }, () => {
    const args = ['pkcs8', '-topk8', '-in', 'key.pem', '-passout', `pass:${PASSPHRASE}`, ...options];
    const pem = openssl(args, { 'key.pem': encodePrivateKey(p256) });
    assertReads(pem, p256, PASSPHRASE);
    assertRefused(pem, 'passphrase_wrong', 'opensesame');
    assertRefused(pem, 'passphrase_missing');
  });
}

test('reads an elliptic curve key behind its EC PARAMETERS, as openssl ecparam writes it', {
  skip: skipWithoutOpenssl,
}, () => {
  const pem = openssl(['ecparam', '-name', 'secp384r1', '-genkey']);
  assert.match(pem, /BEGIN EC PARAMETERS[\s\S]*BEGIN EC PRIVATE KEY/);
  assert.equal(readPrivateKey(pem).asymmetricKeyDetails?.namedCurve, 'secp384r1');
});

test('asks for the passphrase once, and only if the key is encrypted', () => {
  let asked = 0;
  const ask = () => {
    asked++;
    return PASSPHRASE;
  };
  readPrivateKey(encodePrivateKey(p256), ask);
  assert.equal(asked, 0);
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
  assert.ok(readPrivateKey(p256.export(options).toString(), ask).equals(p256));
  assert.equal(asked, 1);
});

test('finds the key among certificates and public keys, and refuses two different keys and none', () => {
  const publicPem = createPublicKey(p256).export({ type: 'spki', format: 'pem' }).toString();
  const certificate = encodePem('CERTIFICATE', Buffer.of(1));
  const pem = encodePrivateKey(p256);
  assert.ok(readPrivateKey(`notes\n${certificate}${pem}${publicPem}`).equals(p256));
  assertRefused(pem + encodePrivateKey(ed25519), 'pem_invalid');
  assertRefused('', 'pem_invalid');
  assert.throws(() => readPrivateKey(publicPem + certificate), /only PUBLIC KEY, CERTIFICATE/);
  assertRefused(decodePemBlock(publicPem, 'PUBLIC KEY'), 'key_invalid');
  assertRefused(encodePem('DSA PRIVATE KEY', Buffer.of(1)), 'key_unsupported');
});

test('reads a text that has one key several times, in any encodings', () => {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
  const [plain, sec1] = [encodePrivateKey(p256), p256.export({ type: 'sec1', format: 'pem' }).toString()];
  const encrypted = [1, 2].map(() => p256.export(options).toString()).join('');
  for (const pem of [plain + plain, plain + sec1, encrypted, plain + encrypted]) {
    assert.ok(readPrivateKey(pem, PASSPHRASE).equals(p256));
    assertRefused(pem + encodePrivateKey(ed25519), 'pem_invalid', PASSPHRASE);
  }
  assertRefused(encrypted, 'passphrase_missing');
});

test('spends one budget of rounds on all keys of a text', () => {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE } as const;
  const almostAll = encodePem('ENCRYPTED PRIVATE KEY', demanding(pbkdf2(9_999_999)));
  const start = performance.now();
  assertRefused(p256.export(options).toString() + almostAll, 'key_unsupported', PASSPHRASE);
  assert.ok(performance.now() - start < 1000);
});

function oneAsymmetricKey(key: KeyObject, ...tail: Der[]): Buffer {
  const [version1, algorithm, privateKey] = [
    integer(1),
    sequence(objectIdentifier('1.3.101.112')),
    octetString(octetString(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'))),
  ];
  return encodeDer(sequence(version1, algorithm, privateKey, ...tail));
}

test('reads version 2 with its public key, and refuses a wrong public key (RFC 5958 §2)', () => {
  const bitsOf = (key: KeyObject) =>
    Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');
  assert.ok(
    readPrivateKey(oneAsymmetricKey(ed25519, implicit(1, bitString(bitsOf(ed25519))))).equals(ed25519),
  );
  const other = implicit(1, bitString(bitsOf(generatePrivateKey('Ed25519'))));
  assertRefused(oneAsymmetricKey(ed25519, other), 'key_invalid');
});

test('refuses a private part that does not match the public part, which OpenSSL does not check', () => {
  const der = p256.export({ type: 'sec1', format: 'der' });
  const damaged = Buffer.from(der);
  damaged[20] = (damaged[20] ?? 0) ^ 1;
  createPrivateKey({ key: damaged, format: 'der', type: 'sec1' });
  assertRefused(damaged, 'key_invalid');
});

test('refuses curves given by parameters, types of key that certificates here cannot have, and several primes', () => {
  const spelledOut = generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).privateKey;
  for (const type of ['pkcs8', 'sec1'] as const)
    assertRefused(spelledOut.export({ type, format: 'pem' }).toString(), 'key_unsupported');
  for (const { privateKey } of [
    generateKeyPairSync('x25519'),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ])
    assertRefused(encodePrivateKey(privateKey), 'key_unsupported');
  const numbers = Array.from({ length: 8 }, () => integer(3));
  assertRefused(encodeDer(sequence(integer(1), ...numbers, sequence())), 'key_invalid');
});

test('refuses negative RSA numbers and those longer than the modulus, before it computes with them', () => {
  for (const [modulus, other] of [
    [15n, 2n ** 500_000n],
    [15n, -3n],
    [2n ** 20_000n, 3n],
  ] as const) {
    const start = performance.now();
    const numbers = Array.from({ length: 7 }, () => integer(other));
    assertRefused(encodeDer(sequence(integer(0), integer(modulus), ...numbers)), 'key_invalid');
    assert.ok(performance.now() - start < 2000);
  }
});

/** EncryptedPrivateKeyInfo with this key derivation. */
function demanding(derivation: Der): Buffer {
  const cipher = sequence(objectIdentifier('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16)));
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.5.13'), sequence(derivation, cipher));
  return encodeDer(sequence(algorithm, octetString(Buffer.alloc(16))));
}

function pbkdf2(rounds: number | bigint): Der {
  const parameters = sequence(octetString(Buffer.alloc(8)), integer(rounds));
  return sequence(objectIdentifier('1.2.840.113549.1.5.12'), parameters);
}

function scrypt(cost: number, blockSize: number, parallelization: number): Der {
  const parameters = [cost, blockSize, parallelization].map((number) => integer(number));
  return sequence(
    objectIdentifier('1.3.6.1.4.1.11591.4.11'),
    sequence(octetString(Buffer.alloc(8)), ...parameters),
  );
}

test('refuses too many rounds and too much memory at once (RFC 8018 §4.2, RFC 7914 §2)', () => {
  const start = performance.now();
  for (const rounds of [10_000_001, 0x7fffffff])
    assertRefused(demanding(pbkdf2(rounds)), 'key_unsupported', 'x');
  for (const rounds of [2n ** 64n, -1]) assertRefused(demanding(pbkdf2(rounds)), 'key_invalid', 'x');
  assertRefused(demanding(pbkdf2(0)), 'key_unsupported', 'x');
  for (const [cost, blockSize, parallelization] of [
    [2 ** 30, 8, 1],
    [1024, 1024 * 1024, 1],
    [1024, 8, 2 ** 30],
    [2 ** 14, 8, 2 ** 10],
    [1000, 8, 1],
    [1, 8, 1],
    [0, 8, 1],
    [1024, 0, 1],
    [1024, 8, 0],
  ] as const)
    assertRefused(demanding(scrypt(cost, blockSize, parallelization)), 'key_unsupported', 'x');
  assert.ok(performance.now() - start < 500);
});

test('refuses ciphers that are broken or unknown, each by name', () => {
  const algorithm = (oid: string) => sequence(objectIdentifier(oid), nullValue());
  const withAlgorithm = (oid: string) => encodeDer(sequence(algorithm(oid), octetString(Buffer.alloc(16))));
  assert.throws(() => readPrivateKey(withAlgorithm('1.2.840.113549.1.5.3'), 'x'), /MD5 and DES .*openssl/);
  assertRefused(withAlgorithm('1.2.3'), 'key_unsupported', 'x');
  const des =
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,0011223344556677\n\nAQID\n-----END RSA PRIVATE KEY-----';
  assert.throws(() => readPrivateKey(des, 'x'), /DES-CBC is not supported/);
  assertRefused(des.replace('DES-CBC', 'AES-256-CBC'), 'pem_invalid', 'x');
  assertRefused(des.replace(/DEK-Info.*\n/, ''), 'pem_invalid', 'x');
});

test('refuses a file that is truncated at any place, or too large', () => {
  const pem = encodePrivateKey(p256).trimEnd();
  for (let length = 1; length < pem.length; length += 7) assertRefused(pem.slice(0, length), 'pem_invalid');
  const der = decodePemBlock(pem, 'PRIVATE KEY');
  for (let length = 1; length < der.length; length++) assertRefused(der.subarray(0, length), 'key_invalid');
  assertRefused(Buffer.concat([der, Buffer.of(0)]), 'key_invalid');
  assertRefused(Buffer.alloc(2 ** 20 + 1, 0x30), 'key_invalid');
  assertRefused('x'.repeat(2 ** 20 + 1), 'pem_too_large');
});

test('reads ML-DSA keys by seed, expanded and both, as openssl 3.5 writes them (RFC 9881 §6)', () => {
  const key = generatePrivateKey('ML-DSA-44');
  const seed = key.export({ format: 'raw-seed' });
  const expanded = expandMlDsa44(seed);
  const withPrivateKey = (privateKey: Der) =>
    encodeDer(
      sequence(integer(0), sequence(objectIdentifier('2.16.840.1.101.3.4.3.17')), octetString(privateKey)),
    );
  assert.ok(readPrivateKey(withPrivateKey(implicit(0, octetString(seed)))).equals(key));
  assert.ok(readPrivateKey(withPrivateKey(sequence(octetString(seed), octetString(expanded)))).equals(key));
  const fromExpanded = readPrivateKey(withPrivateKey(octetString(expanded)));
  assert.ok(verify(null, seed, createPublicKey(key), sign(null, seed, fromExpanded)));
  const otherSeed = octetString(Buffer.alloc(32));
  assertRefused(withPrivateKey(sequence(otherSeed, octetString(expanded))), 'key_invalid');
});
