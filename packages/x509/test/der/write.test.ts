// DER writer against the examples of X.690 and openssl's reader.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bitString,
  boolean,
  type Der,
  encodeDer,
  explicit,
  ia5String,
  implicit,
  integer,
  namedBits,
  nullValue,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  setOf,
  time,
  unsignedInteger,
  utf8String,
} from '../../src/der/write.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const hex = (value: Der) => encodeDer(value).toString('hex');

test('writes integers in the fewest octets of two’s complement (X.690 §8.3)', () => {
  const cases: [number | bigint, string][] = [
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [256, '02020100'],
    [-1, '0201ff'],
    [-128, '020180'],
    [-129, '0202ff7f'],
    [2n ** 64n, '0209010000000000000000'],
  ];
  for (const [value, expected] of cases) assert.equal(hex(integer(value)), expected);
});

test('writes a magnitude as a positive integer without leading zeros (X.690 §8.3)', () => {
  assert.equal(hex(unsignedInteger(Uint8Array.of(0, 0, 0x80))), '02020080');
  assert.equal(hex(unsignedInteger(Uint8Array.of(0x7f, 0))), '02027f00');
  assert.equal(hex(unsignedInteger(new Uint8Array(3))), '020100');
});

test('writes lengths in the shortest form (X.690 §10.1)', () => {
  const headers: [number, string][] = [
    [0x7f, '047f'],
    [0x80, '048180'],
    [0xff, '0481ff'],
    [0x100, '04820100'],
    [0x10000, '0483010000'],
    [0x1000000, '048401000000'],
  ];
  for (const [size, header] of headers) {
    const encoded = encodeDer(octetString(new Uint8Array(size)));
    assert.equal(encoded.length, header.length / 2 + size);
    assert.equal(encoded.subarray(0, header.length / 2).toString('hex'), header);
  }
});

test('writes object identifiers (X.690 §8.19)', () => {
  assert.equal(hex(objectIdentifier('2.999.3')), '0603883703');
  assert.equal(hex(objectIdentifier('1.2.840.113549')), '06062a864886f70d');
  assert.equal(hex(objectIdentifier('0.39')), '060127');
});

test('refuses text that is not an object identifier (X.660 §7.6)', () => {
  for (const dotted of ['', '1', '3.1', '1.40', '0.40.1', '1.02', '1..2', '1.2.', 'a.b', '1.-1']) {
    assert.throws(() => objectIdentifier(dotted), TypeError, dotted);
  }
});

test('writes bit strings and drops trailing zeros of named bits (X.690 §8.6, §11.2)', () => {
  assert.equal(hex(bitString(Uint8Array.of(0x0a, 0x3b, 0x5f, 0x29, 0x1c, 0xd0), 4)), '0307040a3b5f291cd0');
  assert.equal(hex(namedBits([0])), '03020780');
  assert.equal(hex(namedBits([5, 6])), '03020106');
  assert.equal(hex(namedBits([8])), '0303070080');
  assert.equal(hex(namedBits([])), '030100');
});

test('refuses unused bits that are set, too many, or without octets (X.690 §11.2.1)', () => {
  assert.throws(() => bitString(Uint8Array.of(0x01), 1), TypeError);
  assert.throws(() => bitString(Uint8Array.of(0x00), 8), TypeError);
  assert.throws(() => bitString(new Uint8Array(), 1), TypeError);
});

test('writes the simple types (X.690 §8)', () => {
  assert.equal(hex(boolean(true)), '0101ff');
  assert.equal(hex(boolean(false)), '010100');
  assert.equal(hex(nullValue()), '0500');
  assert.equal(hex(utf8String('ä')), '0c02c3a4');
  assert.equal(hex(printableString('DE')), '13024445');
  assert.equal(hex(ia5String('a@b')), '1603614062');
});

test('refuses text outside the alphabet of its type (X.680 §41)', () => {
  assert.throws(() => printableString('a@b'), TypeError);
  assert.throws(() => ia5String('ä'), TypeError);
  assert.throws(() => utf8String('\ud800'), TypeError);
});

test('writes UTCTime until 2049 and GeneralizedTime from 2050, in whole seconds (RFC 5280 §4.1.2.5)', () => {
  const written = (iso: string) =>
    encodeDer(time(new Date(iso)))
      .toString('latin1')
      .slice(2);
  assert.equal(hex(time(new Date('2049-12-31T23:59:59.999Z'))).slice(0, 4), '170d');
  assert.equal(written('2049-12-31T23:59:59.999Z'), '491231235959Z');
  assert.equal(written('1950-01-01T00:00:00Z'), '500101000000Z');
  assert.equal(hex(time(new Date('2050-01-01T00:00:00Z'))).slice(0, 4), '180f');
  assert.equal(written('2050-01-01T00:00:00Z'), '20500101000000Z');
  assert.equal(written('9999-12-31T23:59:59Z'), '99991231235959Z');
});

test('refuses times that have neither form', () => {
  for (const date of [
    new Date(Number.NaN),
    new Date('1949-12-31T23:59:59Z'),
    new Date('+010000-01-01T00:00:00Z'),
  ]) {
    assert.throws(() => time(date), TypeError);
  }
});

test('sorts the encodings of a SET OF (X.690 §11.6)', () => {
  assert.equal(hex(setOf(integer(2), integer(256), integer(1))), '310a02010102010202020100');
});

test('writes explicit tags around a value and implicit tags in place of its own (X.690 §8.14)', () => {
  assert.equal(hex(explicit(0, integer(2))), 'a003020102');
  assert.equal(hex(implicit(1, integer(2))), '810102');
  assert.equal(hex(implicit(2, sequence(nullValue()))), 'a2020500');
  assert.throws(() => explicit(31, integer(1)), TypeError);
});

test('copies a value that was encoded before', () => {
  const once = encodeDer(sequence(integer(1), utf8String('x')));
  assert.equal(hex(sequence(once, octetString(sequence(integer(2))))), '300f30060201010c017804053003020102');
});

test('openssl reads what was written (X.690)', { skip: skipWithoutOpenssl }, () => {
  const value = sequence(
    integer(-129),
    bitString(Uint8Array.of(0xa0), 5),
    objectIdentifier('1.2.840.10045.4.3.2'),
    setOf(printableString('b'), utf8String('ä')),
    time(new Date('2050-01-01T00:00:00Z')),
    explicit(3, boolean(true)),
  );
  const listing = openssl(['asn1parse', '-inform', 'DER', '-in', 'value.der'], {
    'value.der': encodeDer(value),
  });
  for (const line of [
    ':-81',
    ':ecdsa-with-SHA256',
    'PRINTABLESTRING   :b',
    ':20500101000000Z',
    'cont [ 3 ]',
    ':255',
  ]) {
    assert.ok(listing.includes(line), `${line} in ${listing}`);
  }
});
