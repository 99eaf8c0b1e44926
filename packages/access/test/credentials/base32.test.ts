// Base32 (RFC 4648 §6), lower case and without padding.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base32 } from '../../src/credentials/base32.ts';

test('the vectors of RFC 4648 §10', () => {
  const vectors = {
    '': '',
    f: 'MY======',
    fo: 'MZXQ====',
    foo: 'MZXW6===',
    foob: 'MZXW6YQ=',
    fooba: 'MZXW6YTB',
    foobar: 'MZXW6YTBOI======',
  };
  for (const [text, encoded] of Object.entries(vectors)) {
    assert.equal(base32(Buffer.from(text)), encoded.replaceAll('=', '').toLowerCase());
  }
});

test('loses no bits, for any length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const bits = [...base32(bytes)].map((character) =>
        'abcdefghijklmnopqrstuvwxyz234567'.indexOf(character).toString(2).padStart(5, '0'),
      );
      const octets = bits.join('').match(/.{8}/g) ?? [];
      assert.deepEqual(
        octets.map((octet) => Number.parseInt(octet, 2)),
        [...bytes],
      );
    }),
  );
});
