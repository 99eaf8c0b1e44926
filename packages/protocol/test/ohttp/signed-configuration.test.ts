import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  importVerifyingKey,
  type JsonKey,
  MessageSignatureError,
  readSignatures,
  signMessage,
  verifyContentDigest,
  verifySignature,
} from '../../src/index.ts';
import {
  pinDigits,
  readSignedConfiguration,
  SEALED_REQUESTS_PATH,
} from '../../src/ohttp/signed-configuration.ts';
import { subjectPublicKey } from '../../src/ohttp/subject-public-key.ts';
import { AUTHORITY, NOW, type SignedKeys, signedKeys } from '../support/signed-keys.ts';

const refused = { name: 'ObliviousError', code: 'ohttp_configuration_invalid' };

test('reads signed keys, with the pin of their signer', async () => {
  const { octets, fields, pin } = await signedKeys({ epoch: 7 });
  const field = (name: string) => fields.get(name);
  const signed = await readSignedConfiguration({ field, octets, authority: AUTHORITY }, NOW);
  assert.deepEqual([signed.epoch, signed.pin, signed.configurations.length], [7, pin, 1]);
});

test('refuses keys without a signature, of another gateway, and after their expiry', async () => {
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

/** The verdict of the library for RFC 9421, which accepts any form. It imports the signer's key once. */
async function libraryVerdict(signer: SignedKeys['signer']) {
  const spki = Buffer.from(subjectPublicKey(Uint8Array.from(signer.chain[0] as Uint8Array)));
  const jwk = createPublicKey({ key: spki, type: 'spki', format: 'der' }).export({ format: 'jwk' });
  const key = await importVerifyingKey(jwk as JsonKey);
  return async ({ field, octets, authority }: Answer) => {
    const names = [...FACTS, 'signature-input', 'signature'];
    const fields = names.flatMap((name) => [name, field(name) ?? '']);
    const request = { method: 'GET', authority, target: SEALED_REQUESTS_PATH, fields: [] };
    const policy = { components: COVERED, now: NOW / 1000, maxAgeSeconds: 3600, maxSkewSeconds: 0 };
    try {
      const [signature] = readSignatures(fields);
      if (signature === undefined) return false;
      await verifySignature(signature, { status: 200, fields, request }, { key, policy });
      await verifyContentDigest(field('content-digest') ?? '', octets);
      return Number(field('gatehouse-key-expires')) * 1000 > NOW;
    } catch (error) {
      if (error instanceof MessageSignatureError) return false;
      throw error;
    }
  };
}

const FACTS = ['content-digest', 'gatehouse-key-epoch', 'gatehouse-key-expires'];

const COVERED = [
  '@status',
  'content-digest',
  '@authority;req',
  '@path;req',
  'gatehouse-key-epoch',
  'gatehouse-key-expires',
];

type Answer = Parameters<typeof readSignedConfiguration>[0];

const accepts = (answer: Answer) =>
  readSignedConfiguration(answer, NOW).then(
    () => true,
    (error) => {
      assert.equal(error.code, refused.code);
      return false;
    },
  );

test('refuses 10,000 changed answers with the same error, like the library for RFC 9421', async () => {
  const { octets, fields, pin, signer } = await signedKeys();
  const libraryAccepts = await libraryVerdict(signer);
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
      // In the chain, only the signer's key is checked here; the rest is for code that verifies certificates.
      const isOther = async () => {
        const signed = await readSignedConfiguration(answer, NOW);
        if (name !== 'gatehouse-key-chain' || signed.pin !== pin) return;
        throw Object.assign(new Error('the same'), refused);
      };
      await assert.rejects(isOther, refused, name);
      if (name !== 'gatehouse-key-chain') assert.equal(await libraryAccepts(answer), false, String(name));
    }),
    { numRuns: 10_000 },
  );
});

test('accepts only answers that the library for RFC 9421 accepts, in one form', async () => {
  const { octets, fields, signer } = await signedKeys();
  const libraryAccepts = await libraryVerdict(signer);
  const facts = FACTS.flatMap((name) => [name, fields.get(name) ?? '']);
  const request = { method: 'GET', authority: AUTHORITY, target: SEALED_REQUESTS_PATH, fields: [] };
  const usual = { components: COVERED, label: 'keys', created: NOW / 1000, keyid: signer.pin };
  const key = {
    algorithm: 'ecdsa-p256-sha256',
    sign: (data: Uint8Array) => Uint8Array.from(signer.sign(data)),
  } as const;
  const verdicts = async (change: Partial<Parameters<typeof signMessage>[2]>) => {
    const signed = await signMessage({ status: 200, fields: facts, request }, key, { ...usual, ...change });
    const given = new Map<string, string>(Object.entries(signed));
    const field = (name: string) => given.get(name) ?? fields.get(name);
    const answer = { field, octets, authority: AUTHORITY };
    return [await accepts(answer), await libraryAccepts(answer)];
  };
  assert.deepEqual(await verdicts({}), [true, true]);
  assert.deepEqual(await verdicts({ created: NOW / 1000 - 60 }), [true, true]);
  for (const [index] of COVERED.entries()) {
    assert.deepEqual(await verdicts({ components: COVERED.toSpliced(index, 1) }), [false, false]);
  }
  for (const other of [
    { components: COVERED.toReversed() },
    { components: [...COVERED, '@method;req'] },
    { label: 'sig1' },
    { nonce: 'n' },
    { expires: NOW / 1000 + 60 },
    { keyid: 'sha256/other' },
  ]) {
    assert.deepEqual(await verdicts(other), [false, true], JSON.stringify(other));
  }
});

test('a pin for people has eight groups of five digits', () => {
  assert.equal(
    pinDigits(`sha256/${Buffer.alloc(32, 0).toString('base64')}`),
    Array(8).fill('00000').join(' '),
  );
  assert.match(pinDigits(`sha256/${Buffer.alloc(32, 0xff).toString('base64')}`), /^77215( 77215){7}$/);
});
