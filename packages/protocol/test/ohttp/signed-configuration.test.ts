import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pinDigits, readSignedConfiguration } from '../../src/ohttp/signed-configuration.ts';
import { AUTHORITY, NOW, signedKeys } from '../support/signed-keys.ts';

const refused = { name: 'ObliviousError', code: 'ohttp_configuration_invalid' };

test('reads what was signed, with the pin of its signer', async () => {
  const { octets, fields, pin } = await signedKeys({ epoch: 7 });
  const field = (name: string) => fields.get(name);
  const signed = await readSignedConfiguration({ field, octets, authority: AUTHORITY }, NOW);
  assert.deepEqual([signed.epoch, signed.pin, signed.configurations.length], [7, pin, 1]);
});

test('refuses keys without a signature, of another gateway, and past their end', async () => {
  const { octets, fields } = await signedKeys();
  const read = (without: string, authority = AUTHORITY, now = NOW) =>
    readSignedConfiguration(
      { field: (name) => (name === without ? null : fields.get(name)), octets, authority },
      now,
    );
  for (const name of [
    'signature',
    'signature-input',
    'content-digest',
    'gatehouse-key-epoch',
    'gatehouse-key-chain',
  ]) {
    await assert.rejects(read(name), refused, name);
  }
  await assert.rejects(read('', 'other.example'), refused);
  await assert.rejects(read('', AUTHORITY, NOW + 3_600_000), refused);
});

test('refuses a signature by another key than that of the certificate', async () => {
  const [one, other] = [await signedKeys(), await signedKeys()];
  const field = (name: string) => (name === 'gatehouse-key-chain' ? other : one).fields.get(name);
  await assert.rejects(
    readSignedConfiguration({ field, octets: one.octets, authority: AUTHORITY }, NOW),
    refused,
  );
});

test('refuses 1,000 changed answers in the same way', async () => {
  const { octets, fields, pin } = await signedKeys();
  const names = [...fields.keys()];
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 127 }), async (which, at, change) => {
      const name = names[which % (names.length + 1)];
      const content = Uint8Array.from(octets);
      const changed = (value: string) => {
        const position = at % value.length;
        const code = value.charCodeAt(position) ^ change;
        return `${value.slice(0, position)}${String.fromCharCode(code)}${value.slice(position + 1)}`;
      };
      if (name === undefined)
        content[at % content.length] = (content[at % content.length] as number) ^ change;
      const field = (asked: string) => {
        const value = fields.get(asked);
        return value !== null && asked === name ? changed(value) : value;
      };
      const answer = { field, octets: content, authority: AUTHORITY };
      // In the chain, what is not the key of the signer is for those who verify certificates.
      const isOther = async () => {
        const signed = await readSignedConfiguration(answer, NOW);
        if (name !== 'gatehouse-key-chain' || signed.pin !== pin) return;
        throw Object.assign(new Error('the same'), refused);
      };
      await assert.rejects(isOther, refused, name);
    }),
    { numRuns: 1000 },
  );
});

test('a pin for people has eight groups of five digits', () => {
  assert.equal(
    pinDigits(`sha256/${Buffer.alloc(32, 0).toString('base64')}`),
    Array(8).fill('00000').join(' '),
  );
  assert.match(pinDigits(`sha256/${Buffer.alloc(32, 0xff).toString('base64')}`), /^77215( 77215){7}$/);
});
