// DER reader: reads back written values, refuses other forms with their offset, and survives any input.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../../fuzz/harness/any-text.ts';
import { type DerReader, readDer } from '../../src/der/read.ts';
import {
  bitString,
  boolean,
  type Der,
  encodeDer,
  enumerated,
  explicit,
  generalizedTime,
  ia5String,
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
import { DerError } from '../../src/errors.ts';

const fromHex = (hex: string) => Buffer.from(hex, 'hex');

/** Checks that the input is refused at this offset. */
function assertRefused(hex: string, read: (reader: DerReader) => unknown, offset = 0): void {
  assert.throws(
    () => readDer(fromHex(hex), read),
    (error) => error instanceof DerError && error.code === 'der_invalid' && error.offset === offset,
    hex,
  );
}

/** Reads all values, as deep as the reader allows. */
function walk(reader: DerReader): number {
  const inner = reader.list((level) => {
    const tag = level.nextTag ?? 0;
    return (tag & 0x20) === 0 ? level.element().content.length : level.within(tag, walk);
  });
  return inner.reduce((sum, size) => sum + size, inner.length);
}

const typedReads: ((reader: DerReader) => unknown)[] = [
  (reader) => reader.boolean(),
  (reader) => reader.booleanOrFalse(),
  (reader) => reader.integer(),
  (reader) => reader.smallInteger(100),
  (reader) => reader.bitString(),
  (reader) => reader.bitStringOctets(),
  (reader) => reader.namedBits(9),
  (reader) => reader.octetString(),
  (reader) => reader.nullValue(),
  (reader) => reader.objectIdentifier(),
  (reader) => reader.utf8String(),
  (reader) => reader.printableString(),
  (reader) => reader.ia5String(),
  (reader) => reader.time(),
  (reader) => reader.sequence(walk),
  (reader) => reader.setOf(walk),
  (reader) => reader.context(0, walk),
  walk,
];

/** The property that reading returns the written value. */
function assertRoundTrip<T>(
  values: fc.Arbitrary<T>,
  write: (value: T) => Der,
  read: (reader: DerReader) => T,
): void {
  fc.assert(fc.property(values, (value) => assert.deepEqual(readDer(encodeDer(write(value)), read), value)));
}

test('reads back every value that was written', () => {
  assertRoundTrip(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), integer, (reader) => reader.integer());
  assertRoundTrip(fc.boolean(), boolean, (reader) => reader.boolean());
  assertRoundTrip(anyText, utf8String, (reader) => reader.utf8String());
  assertRoundTrip(fc.string({ unit: 'binary-ascii' }), ia5String, (reader) => reader.ia5String());
  assertRoundTrip(fc.stringMatching(/^[A-Za-z0-9 '()+,\-./:=?]*$/), printableString, (reader) =>
    reader.printableString(),
  );
  assertRoundTrip(fc.uint8Array({ maxLength: 300 }), octetString, (reader) =>
    Uint8Array.from(reader.octetString()),
  );
  assertRoundTrip(
    fc.uint8Array(),
    (bytes) => bitString(bytes),
    (reader) => Uint8Array.from(reader.bitStringOctets()),
  );
  assertRoundTrip(fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8]), namedBits, (reader) => reader.namedBits(9));
});

test('reads back magnitudes as positive integers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (magnitude) => {
      const value = readDer(encodeDer(unsignedInteger(magnitude)), (reader) => reader.integer());
      assert.equal(value, BigInt(`0x${Buffer.from(magnitude).toString('hex')}`));
    }),
  );
});

test('reads back object identifiers with arcs of up to 128 bits (X.690 §8.19)', () => {
  const arc = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
  const roots = fc.oneof(
    fc.tuple(fc.constantFrom(0n, 1n), fc.bigInt({ min: 0n, max: 39n })),
    fc.tuple(fc.constant(2n), fc.bigInt({ min: 0n, max: 2n ** 100n })),
  );
  const dotted = fc.tuple(roots, fc.array(arc)).map(([root, rest]) => [...root, ...rest].join('.'));
  assertRoundTrip(dotted, objectIdentifier, (reader) => reader.objectIdentifier());
});

test('reads back times from 1950 to 9999 in whole seconds (RFC 5280 §4.1.2.5)', () => {
  const seconds = fc.integer({ min: Date.UTC(1950) / 1000, max: Date.UTC(10_000) / 1000 - 1 });
  assertRoundTrip(
    seconds.map((value) => new Date(value * 1000)),
    time,
    (reader) => reader.time(),
  );
});

test('reads back ENUMERATED, and GeneralizedTime of any year (RFC 6960 §4.2.1)', () => {
  assertRoundTrip(fc.nat(127), enumerated, (reader) => reader.enumerated(127));
  const seconds = fc.integer({ min: Date.UTC(1950) / 1000, max: Date.UTC(10_000) / 1000 - 1 });
  assertRoundTrip(
    seconds.map((value) => new Date(value * 1000)),
    generalizedTime,
    (reader) => reader.generalizedTime(),
  );
  for (const hex of ['0a0106', '0a01ff', '0a020001', '0a00'])
    assertRefused(hex, (reader) => reader.enumerated(5));
  assertRefused('170d3236303130313030303030305a', (reader) => reader.generalizedTime());
  assert.throws(() => enumerated(128), TypeError);
});

test('reads nested values: sequences, sets, explicit tags, DER inside an octet string', () => {
  const value = sequence(
    setOf(integer(3), integer(1)),
    explicit(0, utf8String('x')),
    octetString(sequence(nullValue())),
  );
  const read = readDer(encodeDer(value), (reader) =>
    reader.sequence((fields) => [
      fields.setOf((item) => item.smallInteger(9)),
      fields.context(0, (field) => field.utf8String()),
      fields.within(0x04, (inner) => inner.sequence((empty) => empty.nullValue())),
    ]),
  );
  assert.deepEqual(read, [[1, 3], 'x', undefined]);
});

test('returns the octets of a part of the input', () => {
  const input = encodeDer(sequence(integer(1), integer(2)));
  const { bytes, value } = readDer(input, (reader) =>
    reader.sequence((fields) => {
      fields.integer();
      return fields.capture((field) => field.integer());
    }),
  );
  assert.deepEqual([Buffer.from(bytes).toString('hex'), value], ['020102', 2n]);
});

test('refuses lengths that are indefinite, not minimal or too large (X.690 §10.1)', () => {
  assertRefused('30800000', walk);
  assertRefused('308100', walk);
  assertRefused(`04817f${'00'.repeat(127)}`, walk);
  assertRefused(`04820080${'00'.repeat(128)}`, walk);
  assertRefused('0485000000000100', walk);
  assertRefused('0484ffffffff00', walk);
  assertRefused('04ff00', walk);
  assertRefused('0482', walk);
  assertRefused('0402aa', walk);
  assertRefused('04', walk);
});

test('refuses a value that exceeds the value around it, at its own offset', () => {
  assertRefused('300304020000', walk, 2);
  assertRefused('30020401aa', walk, 2);
});

test('refuses trailing octets at every level', () => {
  assertRefused('020100ff', (reader) => reader.integer(), 3);
  assertRefused('30060201000201ff', (reader) => reader.sequence((fields) => fields.integer()), 5);
});

test('refuses identifiers that DER does not use (X.690 §8.1.2, §10.2)', () => {
  for (const hex of ['0000', '1f810100', '2400', '2300', '1000', '1100', '2c00', 'bf0100'])
    assertRefused(hex, walk);
});

test('refuses nesting deeper than 32 without exhausting the stack', () => {
  const nest = (depth: number) =>
    Array.from({ length: depth }).reduce<Buffer>(
      (inner) => encodeDer(sequence(inner)),
      encodeDer(nullValue()),
    );
  assert.equal(readDer(nest(32), walk), 33);
  assert.throws(() => readDer(nest(33), walk), /nested deeper than 32, at offset 64/);
  assert.throws(() => readDer(nest(5000), walk), DerError);
});

test('refuses booleans, integers and bit strings in a second form (X.690 §8.3.2, §11.1, §11.2)', () => {
  assertRefused('010101', (reader) => reader.boolean());
  assertRefused('0100', (reader) => reader.boolean());
  assertRefused('010100', (reader) => reader.booleanOrFalse());
  assertRefused('0200', (reader) => reader.integer());
  assertRefused('0202007f', (reader) => reader.integer());
  assertRefused('0202ff80', (reader) => reader.integer());
  assertRefused('0201ff', (reader) => reader.smallInteger(255));
  assertRefused('02020100', (reader) => reader.smallInteger(255));
  assertRefused('0300', (reader) => reader.bitString());
  assertRefused('030101', (reader) => reader.bitString());
  assertRefused('03020800', (reader) => reader.bitString());
  assertRefused('03020101', (reader) => reader.bitString());
  assertRefused('03020780', (reader) => reader.bitStringOctets());
  assertRefused('03020640', (reader) => reader.namedBits(1));
  assertRefused('030407000080', (reader) => reader.namedBits(9));
  assertRefused('0501ff', (reader) => reader.nullValue());
});

test('refuses object identifiers in a second form, truncated, or with more than 128 bits (X.690 §8.19.2)', () => {
  for (const hex of ['0600', '06022a80', '06032a8001', '060180', `0615${'ff'.repeat(20)}7f`]) {
    assertRefused(hex, (reader) => reader.objectIdentifier());
  }
});

test('refuses text outside of the alphabet of its type', () => {
  assertRefused('0c01ff', (reader) => reader.utf8String());
  assertRefused('0c02c080', (reader) => reader.utf8String());
  assertRefused('130140', (reader) => reader.printableString());
  assertRefused('160180', (reader) => reader.ia5String());
});

test('refuses times with fractions, offsets, missing seconds, of another type, or on a day that does not exist (RFC 5280 §4.1.2.5)', () => {
  const refused = [
    [0x17, '2601010000Z'],
    [0x17, '260101000000+0000'],
    [0x17, '260230000000Z'],
    [0x17, '260101240000Z'],
    [0x17, '260101000060Z'],
    [0x18, '20500101000000.5Z'],
    [0x13, '20500101000000Z'],
  ] as const;
  for (const [tag, text] of refused) {
    const header = Buffer.from([tag, text.length]).toString('hex');
    assertRefused(header + Buffer.from(text).toString('hex'), (reader) => reader.time());
  }
});

test('accepts GeneralizedTime before 2050 and zeros after the last named bit, as in publicly trusted roots', () => {
  const time2046 = Buffer.from('20461006083956Z').toString('hex');
  assert.deepEqual(
    readDer(fromHex(`180f${time2046}`), (reader) => reader.time()),
    new Date('2046-10-06T08:39:56Z'),
  );
  assert.deepEqual(
    readDer(fromHex('03020006'), (reader) => reader.namedBits(9)),
    [5, 6],
  );
});

test('refuses an unsorted SET OF, an empty list that must not be empty, and an unexpected tag', () => {
  assertRefused('3106020102020101', (reader) => reader.setOf((item) => item.integer()), 5);
  assertRefused('3000', (reader) => reader.sequence((fields) => fields.nonEmptyList(walk)), 2);
  assertRefused('0500', (reader) => reader.integer());
  assertRefused('', (reader) => reader.integer());
});

test('reads only within the given view', () => {
  const whole = fromHex('0401aabbcc');
  assert.throws(() => readDer(whole.subarray(0, 2), walk), DerError);
  assert.equal(
    readDer(whole.subarray(0, 3), (reader) => reader.octetString().length),
    1,
  );
});

test('refuses every truncation, and returns or throws DerError for every change of one octet', () => {
  const valid = encodeDer(
    sequence(integer(70000), explicit(0, setOf(utf8String('ä'), utf8String('b'))), bitString(fromHex('aa'))),
  );
  for (let length = 0; length < valid.length; length++) {
    assert.throws(() => readDer(valid.subarray(0, length), (reader) => reader.sequence(walk)), DerError);
  }
  for (let index = 0; index < valid.length; index++) {
    for (let octet = 0; octet < 256; octet++)
      assertOnlyDerError(Buffer.from(valid).fill(octet, index, index + 1));
  }
});

test('returns a value or throws DerError for random octets, within two seconds', () => {
  const deadline = performance.now() + 2000;
  let state = createHash('sha512').update('seed').digest();
  let count = 0;
  for (; count < 20_000 && performance.now() < deadline; count++) {
    state = createHash('sha512').update(state).digest();
    assertOnlyDerError(state.subarray(0, 1 + (count % 64)));
    assertOnlyDerError(likelyDer(state));
  }
  assert.ok(count > 500, `${count} inputs`);
});

/** Random octets with plausible tags and short lengths, so that more than the first header is read. */
function likelyDer(random: Buffer): Buffer {
  const tags = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0xa0, 0x80];
  return Buffer.from(
    random.map((octet, index) => (index % 2 === 0 ? (tags[octet % tags.length] ?? 0) : octet % 20)),
  );
}

function assertOnlyDerError(input: Uint8Array): void {
  for (const read of typedReads) {
    try {
      readDer(input, read);
    } catch (error) {
      if (!(error instanceof DerError) || error.offset < 0 || error.offset > input.length) throw error;
    }
  }
}
