// The form of an API key and its checksum. docs/wire/api-key.md
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatApiKey,
  generateApiKey,
  hashSecret,
  packHash,
  parseApiKey,
  secretMatches,
} from '../../src/credentials/api-key.ts';
import { refusal } from '../support/errors.ts';

const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz234567'];
const base32 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: length, maxLength: length });
const key = fc.record({ id: base32(16), secret: base32(32) }, { noNullPrototype: true });

test('a new key is ghk_, 80 bits of id, 160 bits of secret and a CRC-32', () => {
  const { id, secret, text } = generateApiKey();
  assert.match(text, /^ghk_[a-z2-7]{16}_[a-z2-7]{32}_[0-9a-f]{8}$/);
  assert.equal(text.slice(0, 53), `ghk_${id}_${secret}`);
  assert.deepEqual(parseApiKey(text), { id, secret });
  assert.notEqual(generateApiKey().text, text);
});

test('the checksum is the CRC-32 of zip and PNG (ISO 3309), with leading zeros', () => {
  // Computed with Python's zlib.crc32.
  assert.equal(
    formatApiKey({ id: 'aaaaaaaaaaaaaaaa', secret: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' }),
    'ghk_aaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_8e23b73c',
  );
  assert.equal(
    formatApiKey({ id: 'aaaaaaaaaaaaaab4', secret: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' }),
    'ghk_aaaaaaaaaaaaaab4_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_0015e3e4',
  );
});

test('every formatted key parses to the same key', () => {
  fc.assert(fc.property(key, (parts) => assert.deepEqual(parseApiKey(formatApiKey(parts)), parts)));
});

test('one mistyped character makes a key malformed, not wrong', () => {
  const character = fc.constantFrom(...ALPHABET, ...'0189_-ABC ghk');
  fc.assert(
    fc.property(key, fc.nat({ max: 61 }), character, (parts, at, typed) => {
      const text = formatApiKey(parts);
      fc.pre(text[at] !== typed);
      const mistyped = text.slice(0, at) + typed + text.slice(at + 1);
      assert.throws(() => parseApiKey(mistyped), refusal('credential_malformed'));
    }),
  );
});

test('swapped characters or a missing part make a key malformed', () => {
  fc.assert(
    fc.property(key, fc.nat({ max: 60 }), (parts, at) => {
      const text = formatApiKey(parts);
      fc.pre(text[at] !== text[at + 1]);
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
      for (const wrong of [swapped, text.slice(0, at), text.slice(at + 1)]) {
        assert.throws(() => parseApiKey(wrong), refusal('credential_malformed'));
      }
    }),
  );
});

test('any other text is malformed, and the message does not quote it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 5 }), (text) => {
      assert.throws(
        () => parseApiKey(text),
        (error: Error) => {
          refusal('credential_malformed')(error);
          return !error.message.includes(text);
        },
      );
    }),
  );
  const { text } = generateApiKey();
  for (const wrong of ['', ` ${text}`, `${text}\n`, `${text}\0`, text.toUpperCase(), `Bearer ${text}`]) {
    assert.throws(() => parseApiKey(wrong), refusal('credential_malformed'));
  }
});

test('gives different advice for an incomplete or mistyped key and for other text', () => {
  const { text } = generateApiKey();
  const wrongSum = text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
  assert.throws(() => parseApiKey(wrongSum), refusal('credential_malformed', /incomplete or mistyped/));
  assert.throws(() => parseApiKey('password'), refusal('credential_malformed', /must look like ghk_/));
});

test('the stored SHA-256 of the secret matches only that secret', () => {
  const { secret } = generateApiKey();
  const hash = hashSecret(secret);
  assert.equal(hash, createHash('sha256').update(secret, 'utf8').digest('hex'));
  const packed = packHash(hash);
  assert.equal(packed.length, 32);
  assert.equal(secretMatches(secret, packed), true);
  assert.equal(secretMatches(generateApiKey().secret, packed), false);
  assert.equal(secretMatches('', packed), false);
});
