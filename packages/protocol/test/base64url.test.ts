import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64url, encodeBase64url, ProtocolError } from '../src/index.ts';

const refused = (text: string) =>
  assert.throws(
    () => decodeBase64url(text),
    (error) => error instanceof ProtocolError && error.code === 'base64url_invalid',
    JSON.stringify(text),
  );

test('writes the printed examples with padding and the URL-safe alphabet (RFC 4648 §5, §10)', () => {
  const examples = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [plain, text] of Object.entries(examples)) {
    assert.equal(encodeBase64url(new TextEncoder().encode(plain)), text);
    assert.equal(new TextDecoder().decode(decodeBase64url(text)), plain);
  }
  assert.equal(encodeBase64url(Uint8Array.of(0xfb, 0xff)), '-_8=');
});

test('reads back every byte string that it wrote (RFC 4648 §5)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.deepEqual([...decodeBase64url(encodeBase64url(bytes))], [...bytes]);
    }),
  );
});

test('refuses trailing bits that are not zero (RFC 4648 §3.5)', () => {
  for (const text of ['Zh==', 'Zm9=', 'AB==', '-_9=']) refused(text);
});

test('refuses missing, extra and misplaced padding (RFC 4648 §3.2)', () => {
  for (const text of ['Zg', 'Zg=', 'Zm8', 'Zm9v=', 'Zm9v====', '====', '=', 'Zg==Zg==', 'Z===', 'A'])
    refused(text);
});

test('refuses white space, other alphabets and other characters (RFC 4648 §3.3)', () => {
  for (const text of [
    'Zm9v\n',
    ' Zm9v',
    'Zm 9v',
    'Zg\t==',
    '+/8=',
    'Zm9\u0000',
    'Zm9é',
    '%m9v',
    'Zm9v\u00a0',
  ])
    refused(text);
});

test('accepts only one text for each byte string (RFC 4648 §3.5)', () => {
  const alphabet = fc.constantFrom(...'AQgw-_=+/ \n9z');
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
      try {
        assert.equal(encodeBase64url(decodeBase64url(text)), text);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
