import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFernet, decodeBase64url, generateFernetKey, parseFernetKeys } from '../../src/index.ts';

const KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const OTHER = 'EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=';

function refusal(text: string): string {
  try {
    parseFernetKeys(text);
  } catch (error) {
    const { name, code, message } = error as Error & { code: string };
    assert.deepEqual([name, code], ['FernetError', 'fernet_invalid_key']);
    return message;
  }
  throw new assert.AssertionError({ message: `${text} was accepted` });
}

test('generates keys of 32 bytes that differ (Fernet spec, key format)', () => {
  const keys = [generateFernetKey(), generateFernetKey()];
  assert.deepEqual(
    keys.map((key) => decodeBase64url(key).length),
    [32, 32],
  );
  assert.notEqual(keys[0], keys[1]);
});

test('takes one key or a list joined by commas, with white space around them', () => {
  assert.deepEqual(parseFernetKeys(KEY), [KEY]);
  assert.deepEqual(parseFernetKeys(` ${KEY} ,\n${OTHER}\n`), [KEY, OTHER]);
});

test('accepts the alphabet of standard base64, which openssl uses for keys', () => {
  const standard = KEY.replaceAll('-', '+').replaceAll('_', '/');
  assert.notEqual(standard, KEY);
  assert.deepEqual(parseFernetKeys(standard), [KEY]);
});

test('refuses a key that is empty, not base64url, not 32 bytes, or a repetition of one byte, and says which', () => {
  assert.match(refusal(''), /^The key is empty: a Fernet key is 32 random bytes as base64url, 44 characters/);
  assert.match(refusal(`${KEY},`), /^Key 2 of 2 is empty/);
  assert.match(refusal(`${KEY},not a key!`), /^Key 2 of 2 is not base64url/);
  assert.match(refusal(KEY.slice(0, -1)), /^The key is not base64url/);
  assert.match(refusal('c2hvcnQ='), /^The key has 5 bytes instead of 32/);
  for (const octet of [0, 65, 255]) {
    const alike = Buffer.alloc(32, octet).toBase64({ alphabet: 'base64url' });
    assert.match(refusal(alike), /^The key has 32 equal bytes/);
  }
});

test('does not show a key that it refuses', () => {
  for (const text of ['c2hvcnQ=', 'not a key!', `${KEY}${OTHER}`]) {
    assert.ok(!refusal(text).includes(text.slice(0, 8)));
  }
});

test('createFernet refuses keys that are not 32 bytes of canonical base64url (Fernet spec, key format)', () => {
  const keys = ['', 'AAAA', KEY.slice(0, -1), `${KEY}\n`, KEY.replace('_', '/'), `${KEY.slice(0, -2)}5=`];
  for (const key of [...keys, new Uint8Array(31), [], [KEY, 'AAAA']]) {
    assert.throws(() => createFernet(key), { name: 'FernetError', code: 'fernet_invalid_key' });
  }
});
