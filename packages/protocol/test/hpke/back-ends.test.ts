// Requirements for all back ends of the import `#hpke`.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { hpke as node } from '../../src/crypto/hpke-node.ts';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
  KDF_HKDF_SHA256,
  KEM_SIZES,
  KEM_X_WING,
  KEM_X25519,
} from '../../src/hpke/suite.ts';
import { hpkeBackEnds } from '../support/hpke-back-ends.ts';

const INFO = Uint8Array.of(1, 2, 3);
const TEXT = new TextEncoder().encode('hello');
const failed = { name: 'HpkeError', code: 'hpke_open_failed', message: 'The message cannot be opened.' };

/** Also catches errors that are thrown at once, as by node:crypto. */
const rejects = (work: () => unknown, expected: object) => assert.rejects(async () => work(), expected);

for (const { name, hpke } of hpkeBackEnds) {
  suite(name, () => {
    for (const kem of [KEM_X_WING, KEM_X25519]) {
      const algorithms = { kem, kdf: KDF_HKDF_SHA256, aead: AEAD_AES_256_GCM };

      test(`KEM 0x${kem.toString(16)}: keys and secrets have the sizes of the registry`, async () => {
        const sizes = KEM_SIZES[kem];
        const key = await hpke.generateKey(kem);
        const sender = await hpke.setupSender(algorithms, key.publicKey, INFO);
        assert.equal(key.publicKey.length, sizes?.publicKey);
        assert.equal(key.privateKey.length, sizes?.privateKey);
        assert.equal(sender.encapsulated.length, sizes?.secret);
      });

      test(`KEM 0x${kem.toString(16)}: every other back end opens messages of this one`, async () => {
        for (const other of hpkeBackEnds) {
          const key = await other.hpke.generateKey(kem);
          for (const aead of [AEAD_AES_128_GCM, AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305]) {
            const suite = { ...algorithms, aead };
            const sender = await hpke.setupSender(suite, key.publicKey, INFO);
            const { encapsulated } = sender;
            const recipient = await other.hpke.setupRecipient(suite, key, { encapsulated, info: INFO });
            for (const additional of [undefined, INFO]) {
              const ciphertext = await sender.seal(TEXT, additional);
              assert.deepEqual(await recipient.open(ciphertext, additional), TEXT);
            }
            assert.deepEqual(await recipient.exportSecret(INFO, 16), await sender.exportSecret(INFO, 16));
          }
        }
      });

      test(`KEM 0x${kem.toString(16)}: refuses messages that it cannot open, always with the same error`, async () => {
        const key = await hpke.generateKey(kem);
        const sender = await hpke.setupSender(algorithms, key.publicKey, INFO);
        const { encapsulated } = sender;
        const [first, second] = [await sender.seal(TEXT), await sender.seal(TEXT)];
        const open = async (sealed: { encapsulated: Uint8Array; info: Uint8Array }, ciphertext: Uint8Array) =>
          (await hpke.setupRecipient(algorithms, key, sealed)).open(ciphertext);
        const changed = Uint8Array.from(encapsulated);
        changed[5] = (changed[5] as number) ^ 1;
        await rejects(() => open({ encapsulated, info: INFO }, second), failed);
        await rejects(() => open({ encapsulated, info: TEXT }, first), failed);
        await rejects(() => open({ encapsulated: changed, info: INFO }, first), failed);
        await rejects(() => open({ encapsulated: encapsulated.subarray(1), info: INFO }, first), failed);
        await rejects(() => open({ encapsulated, info: INFO }, first.subarray(0, 8)), failed);
        await rejects(
          () => open({ encapsulated: new Uint8Array(encapsulated.length), info: INFO }, first),
          failed,
        );
      });

      test(`KEM 0x${kem.toString(16)}: refuses keys of a wrong length`, async () => {
        const { publicKey, privateKey } = await hpke.generateKey(kem);
        const invalid = { name: 'HpkeError', code: 'hpke_invalid_key' };
        await rejects(() => hpke.setupSender(algorithms, publicKey.subarray(1), INFO), invalid);
        await rejects(() => hpke.importKey(kem, { publicKey, privateKey: privateKey.subarray(1) }), invalid);
      });
    }

    test('refuses algorithms that it does not have', async () => {
      const { publicKey } = await hpke.generateKey(KEM_X25519);
      const suite = { kem: KEM_X25519, kdf: KDF_HKDF_SHA256, aead: AEAD_AES_128_GCM };
      const refused = { name: 'HpkeError', code: 'hpke_unsupported' };
      await rejects(() => hpke.generateKey(0x9999), refused);
      await rejects(() => hpke.setupSender({ ...suite, aead: 0xffff }, publicKey, INFO), refused);
      await rejects(() => hpke.setupSender({ ...suite, kdf: 2 }, publicKey, INFO), refused);
    });
  });
}

test('node:crypto refuses a private key that does not belong to the public key', async () => {
  const [one, other] = [await node.generateKey(KEM_X_WING), await node.generateKey(KEM_X_WING)];
  const pair = { publicKey: one.publicKey, privateKey: other.privateKey };
  await rejects(() => node.importKey(KEM_X_WING, pair), { name: 'HpkeError', code: 'hpke_invalid_key' });
});
