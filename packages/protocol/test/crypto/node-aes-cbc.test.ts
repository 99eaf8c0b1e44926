// AES-128-CBC on both platforms. In Node, messages of one key do not depend on each other.
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { AesCbc } from '../../src/crypto/primitives.ts';
import { backEnds } from '../support/back-ends.ts';
import { readVectors } from '../support/vectors.ts';

interface Case {
  tcId: number;
  key: string;
  iv: string;
  msg: string;
  ct: string;
  result: 'valid' | 'invalid';
}

const wycheproof = readVectors<{ testGroups: { keySize: number; tests: Case[] }[] }>(
  'wycheproof/aes_cbc_pkcs5.json',
  'github.com/C2SP/wycheproof, testvectors_v1',
);
const cases = (wycheproof.vectors?.testGroups ?? [])
  .filter(({ keySize }) => keySize === 128)
  .flatMap(({ tests }) => tests);

async function encrypt(cipher: AesCbc, iv: Uint8Array, plaintext: Uint8Array): Promise<Buffer> {
  const target = new Uint8Array(plaintext.length - (plaintext.length % 16) + 16);
  await cipher.encryptInto(target, iv, plaintext);
  return Buffer.from(target);
}

/** The same in node:crypto, with a cipher for each message. */
function reference(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

for (const { name, primitives } of backEnds) {
  suite(`AES-128-CBC on ${name}`, () => {
    test('agrees with the example of NIST (SP 800-38A F.2.1)', async () => {
      const cipher = primitives.aes128Cbc(Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex'));
      const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
      const plaintext = Buffer.from(
        '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51',
        'hex',
      );
      const ciphertext = await encrypt(cipher, iv, plaintext);
      assert.equal(
        ciphertext.subarray(0, 32).toString('hex'),
        '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2',
      );
    });

    test('agrees with Wycheproof on every case for keys of 128 bits', { skip: wycheproof.skip }, async () => {
      assert.equal(cases.length, 72);
      for (const { tcId, key, iv, msg, ct, result } of cases) {
        const cipher = primitives.aes128Cbc(Buffer.from(key, 'hex'));
        const [nonce, ciphertext] = [Buffer.from(iv, 'hex'), Buffer.from(ct, 'hex')];
        const opened = async () => cipher.decrypt(nonce, ciphertext);
        if (result === 'invalid') {
          await assert.rejects(opened, String(tcId));
          continue;
        }
        assert.equal(Buffer.from(await opened()).toString('hex'), msg, String(tcId));
        assert.equal((await encrypt(cipher, nonce, Buffer.from(msg, 'hex'))).toString('hex'), ct);
      }
    });

    test('encrypts and decrypts many messages of one key, in any order', async () => {
      const key = randomBytes(16);
      const cipher = primitives.aes128Cbc(key);
      const octets = (lengths: number[]) => fc.constantFrom(...lengths).map((length) => randomBytes(length));
      const step = fc.tuple(fc.boolean(), octets([0, 1, 15, 16, 17, 100, 32_767, 32_768, 65_536, 100_000]));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
          for (const [isEncryption, plaintext] of steps) {
            const iv = randomBytes(16);
            const expected = reference(key, iv, plaintext);
            if (isEncryption) assert.deepEqual(await encrypt(cipher, iv, plaintext), expected);
            else assert.deepEqual(Buffer.from(await cipher.decrypt(iv, expected)), plaintext);
          }
        }),
        { numRuns: 40 },
      );
    });

    test('continues after a refused message', async () => {
      const key = randomBytes(16);
      const iv = randomBytes(16);
      const cipher = primitives.aes128Cbc(key);
      const fault = createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false);
      const padding = Buffer.alloc(16, 17); // PKCS #7 ends at 16
      const wrong = createCipheriv('aes-128-cbc', key, iv).setAutoPadding(false).update(padding);
      assert.deepEqual(fault.update(wrong), padding);
      await assert.rejects(async () => cipher.decrypt(iv, wrong));
      for (const part of [wrong.subarray(1), wrong.subarray(16)])
        await assert.rejects(async () => cipher.decrypt(iv, part));
      const text = Buffer.from('after it');
      assert.deepEqual(await encrypt(cipher, iv, text), reference(key, iv, text));
      assert.deepEqual(Buffer.from(await cipher.decrypt(iv, reference(key, iv, text))), text);
    });
  });
}
