import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519KeyPair,
  importX25519PublicKey,
} from '../src/index.ts';
import { backEnds } from './support/back-ends.ts';
import { LOW_ORDER_POINTS } from './support/low-order-points.ts';
import { missingPyca, runPython } from './support/python.ts';
import { readVectors } from './support/vectors.ts';

interface Wycheproof {
  testGroups: {
    tests: { tcId: number; flags: string[]; public: string; private: string; shared: string }[];
  }[];
}

const wycheproof = readVectors<Wycheproof>(
  'wycheproof/x25519.json',
  'github.com/C2SP/wycheproof, testvectors_v1',
);
const hex = (text: string) => Uint8Array.fromHex(text);
const invalidKey = { name: 'X25519Error', code: 'x25519_invalid_public_key' };
const lowOrder = { name: 'X25519Error', code: 'x25519_low_order_point' };

const ALICE = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
const ALICE_PUBLIC = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
const BOB = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
const BOB_PUBLIC = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f';
const SHARED = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';

for (const { name, primitives } of backEnds) {
  suite(`X25519 on ${name}`, () => {
    test('agrees on the secret that the standard prints (RFC 7748 §6.1)', async () => {
      const alice = await importX25519KeyPair(ALICE, primitives);
      const bob = await importX25519KeyPair(BOB, primitives);
      assert.equal(alice.publicKey.toHex(), ALICE_PUBLIC);
      assert.equal(bob.publicKey.toHex(), BOB_PUBLIC);
      assert.equal((await alice.sharedSecret(bob.publicKey)).toHex(), SHARED);
      assert.equal((await bob.sharedSecret(alice.publicKey)).toHex(), SHARED);
    });

    test('generates keys that agree with each other and differ (RFC 7748 §6.1)', async () => {
      const [one, two] = [await generateX25519KeyPair(primitives), await generateX25519KeyPair(primitives)];
      assert.notEqual(one.publicKey.toHex(), two.publicKey.toHex());
      const secret = await one.sharedSecret(two.publicKey);
      assert.equal(secret.length, 32);
      assert.deepEqual(await two.sharedSecret(one.publicKey), secret);
    });

    test('refuses every point of small order (RFC 7748 §6.1)', async () => {
      const pair = await generateX25519KeyPair(primitives);
      for (const point of LOW_ORDER_POINTS)
        await assert.rejects(pair.sharedSecret(hex(point)), lowOrder, point);
    });

    test('refuses an all-zero secret even if the platform returns it (RFC 7748 §6.1)', async () => {
      const generateX25519 = async () => ({ publicKey: hex(BOB_PUBLIC), agree: () => new Uint8Array(32) });
      const pair = await generateX25519KeyPair({ ...primitives, generateX25519 });
      await assert.rejects(pair.sharedSecret(hex(ALICE_PUBLIC)), lowOrder);
    });

    test('refuses a peer key or a private key that does not have 32 bytes (RFC 7748 §5)', async () => {
      const pair = await generateX25519KeyPair(primitives);
      for (const length of [0, 31, 33]) {
        await assert.rejects(pair.sharedSecret(new Uint8Array(length)), invalidKey);
        await assert.rejects(importX25519KeyPair(new Uint8Array(length), primitives), TypeError);
      }
    });

    test('agrees with Wycheproof on every case (RFC 7748 §5, §6.1)', { skip: wycheproof.skip }, async () => {
      const cases = (wycheproof.vectors?.testGroups ?? []).flatMap((group) => group.tests);
      assert.ok(cases.length > 500);
      for (const { tcId, flags, public: peer, private: own, shared } of cases) {
        const pair = await importX25519KeyPair(hex(own), primitives);
        if (flags.includes('ZeroSharedSecret'))
          await assert.rejects(pair.sharedSecret(hex(peer)), lowOrder, `case ${tcId}`);
        else assert.equal((await pair.sharedSecret(hex(peer))).toHex(), shared, `case ${tcId}`);
      }
    });
  });
}

const PEM = exportX25519PublicKey(hex(BOB_PUBLIC));
const block = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${der.toBase64()}\n-----END ${label}-----\n`;
const refused = (pem: string) => assert.throws(() => importX25519PublicKey(pem), invalidKey, pem);

test('writes a public key as one SPKI PEM block of 44 DER bytes (RFC 8410 §4, RFC 7468 §13)', () => {
  assert.equal(PEM, block('PUBLIC KEY', hex(`302a300506032b656e032100${BOB_PUBLIC}`)));
  assert.throws(() => exportX25519PublicKey(new Uint8Array(31)), TypeError);
});

test('reads back every public key that it wrote, with either line ending (RFC 7468 §3)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      const pem = exportX25519PublicKey(key);
      for (const text of [pem, pem.trimEnd(), pem.replaceAll('\n', '\r\n'), `\uFEFF${pem}`]) {
        assert.deepEqual([...importX25519PublicKey(text)], [...key]);
      }
    }),
  );
});

test('refuses a private key in place of the public one (RFC 8410 §7)', () => {
  refused(generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  refused(block('PUBLIC KEY', hex(`302e020100300506032b656e04220420${BOB_PUBLIC}`)));
});

test('refuses keys of other algorithms (RFC 8410 §3)', () => {
  const spki = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const;
  refused(generateKeyPairSync('ed25519', spki).publicKey);
  refused(generateKeyPairSync('x448', spki).publicKey);
  refused(generateKeyPairSync('ec', { namedCurve: 'P-256', ...spki }).publicKey);
  refused(generateKeyPairSync('rsa', { modulusLength: 1024, ...spki }).publicKey);
});

test('refuses more than one block, other labels, and other text around or inside (RFC 7468 §2)', () => {
  const junk = [
    '',
    ' ',
    PEM + PEM,
    `x\n${PEM}`,
    `${PEM}x`,
    `${PEM}\n`,
    ` ${PEM}`,
    `\uFEFF\uFEFF${PEM}`,
    PEM.replace('MC', 'M C'),
    PEM.replaceAll('\n', ''),
  ];
  for (const text of junk) refused(text);
  for (const label of ['PRIVATE KEY', 'X25519 PUBLIC KEY', 'CERTIFICATE', 'public key']) {
    refused(PEM.replaceAll('PUBLIC KEY', label));
  }
  for (const der of [
    `302a300506032b656e032101${BOB_PUBLIC}`,
    `302a300506032b656f032100${BOB_PUBLIC}`,
    BOB_PUBLIC,
  ]) {
    refused(block('PUBLIC KEY', hex(der)));
  }
});

test('refuses any text other than X25519 keys, with one error and in linear time', () => {
  const pemLike = fc.base64String({ maxLength: 80 }).map((base64) => PEM.replace(/\n.*\n/, `\n${base64}\n`));
  fc.assert(fc.property(fc.oneof(fc.string(), pemLike), refused));
  refused(`-----BEGIN PUBLIC KEY-----\n${'A'.repeat(1_000_000)}`);
});

test('pyca cryptography reads our PEM, we read its PEM, and the secrets are equal', {
  skip: missingPyca(),
}, async () => {
  const pair = await generateX25519KeyPair();
  const script = `
import json, sys
from cryptography.hazmat.primitives import serialization as s
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
key = X25519PrivateKey.generate()
pem = key.public_key().public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode()
print(json.dumps([pem, key.exchange(s.load_pem_public_key(json.load(sys.stdin).encode())).hex()]))`;
  const [pem, secret] = runPython(script, exportX25519PublicKey(pair.publicKey)) as [string, string];
  assert.equal((await pair.sharedSecret(importX25519PublicKey(pem))).toHex(), secret);
});
