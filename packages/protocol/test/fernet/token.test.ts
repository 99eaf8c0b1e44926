import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFernet, decodeBase64url, generateFernetKey, readFernetToken } from '../../src/index.ts';

const TOKEN =
  'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
const hex = (octets: Uint8Array | undefined) => Buffer.from(octets ?? []).toString('hex');

test('splits the printed token (Fernet spec, token format)', () => {
  const fields = readFernetToken(TOKEN);
  assert.equal(fields?.timeSeconds, 499_162_800);
  assert.equal(hex(fields?.iv), '000102030405060708090a0b0c0d0e0f');
  assert.equal(hex(fields?.ciphertext), '2d36d5ca46556299fde13008633804b2');
});

test('returns undefined for text that is not a token of version 0x80', () => {
  const octets = decodeBase64url(TOKEN);
  for (const token of ['', 'AAAA', TOKEN.slice(1), TOKEN.replace('gA', 'gQ'), octets.subarray(0, 72)])
    assert.equal(readFernetToken(token), undefined);
  fc.assert(fc.property(fc.string(), (text) => assert.equal(readFernetToken(text), undefined)));
});

test('reads the time of each of our tokens', async () => {
  const seconds = fc.nat({ max: 2 ** 31 - 1 });
  const key = generateFernetKey();
  await fc.assert(
    fc.asyncProperty(seconds, async (now) => {
      const token = await createFernet(key, { clock: () => now * 1000 + 999 }).encrypt('x');
      assert.equal(readFernetToken(token)?.timeSeconds, now);
    }),
    { numRuns: 50 },
  );
});
