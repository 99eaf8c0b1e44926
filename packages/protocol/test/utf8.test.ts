// Decoding UTF-8 (RFC 3629).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeUtf8 } from '@gatehouse/protocol';

test('decodes every length of character, and leaves out one byte order mark at the beginning (RFC 3629 §6)', () => {
  const text = 'a é € 😀 \ufffd';
  assert.equal(decodeUtf8(Buffer.from(text)), text);
  assert.equal(decodeUtf8(Buffer.from(`\ufeff${text}`)), text);
  assert.equal(decodeUtf8(Buffer.from('\ufeff\ufeffa\ufeff')), '\ufeffa\ufeff');
  assert.equal(decodeUtf8(Buffer.of()), '');
});

test('refuses octets that are not UTF-8, and reports the position of the first one', () => {
  const cases: [name: string, octets: number[], offset: number][] = [
    ['Latin-1', [0x70, 0xe4, 0x73, 0x73], 1],
    ['a continuation alone', [0x61, 0x61, 0x80], 2],
    ['a truncated character', [0x61, 0xe2, 0x82], 1],
    ['a character that is truncated by another', [0xc3, 0xa9, 0xf0, 0x9f, 0x41], 2],
    ['an overlong form (§3)', [0xc0, 0xaf], 0],
    ['half of a surrogate pair (§3)', [0x61, 0xed, 0xa0, 0x80], 1],
    ['beyond U+10FFFF (§3)', [0xf4, 0x90, 0x80, 0x80], 0],
    ['UTF-16 with its byte order mark', [0xff, 0xfe, 0x61, 0x00], 0],
    ['after a byte order mark', [0xef, 0xbb, 0xbf, 0xff], 3],
  ];
  for (const [name, octets, offset] of cases) {
    const message = `The octets at offset ${offset} are not UTF-8.`;
    assert.throws(
      () => decodeUtf8(Uint8Array.from(octets)),
      { name: 'Utf8Error', code: 'utf8_invalid', offset, message },
      name,
    );
  }
});
