// DER writer (X.690 §8–§11). Values are described first, with their lengths, and copied once by `encodeDer`.
// Refuses, as misuse, what has no DER form: unsafe integers, malformed OIDs, strings outside their alphabet, times outside 1950–9999.
import { CONSTRUCTED, CONTEXT_SPECIFIC, HIGH_TAG_NUMBER, PRINTABLE_STRING, TAG } from './tags.ts';

/** A value that is described but not yet written. */
export interface DerNode {
  readonly tag: number;
  readonly parts: readonly Der[];
  readonly contentLength: number;
  /** Octets of the whole encoding: identifier, length and content. */
  readonly length: number;
}

/** A described value, or octets that are copied as they stand: a value encoded earlier, or the content of a primitive one. */
export type Der = Uint8Array | DerNode;

/** Writes a value into one new buffer. */
export function encodeDer(value: Der): Buffer {
  const out = Buffer.allocUnsafe(value.length);
  copyInto(out, 0, value);
  return out;
}

/** BOOLEAN, TRUE as 0xff (X.690 §11.1). */
export function boolean(value: boolean): DerNode {
  return node(TAG.boolean, [Uint8Array.of(value ? 0xff : 0)]);
}

/** INTEGER in the fewest octets (X.690 §8.3.2). A number must be a safe integer. */
export function integer(value: number | bigint): DerNode {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('an INTEGER needs a safe integer or a bigint');
  }
  return node(TAG.integer, [twosComplement(BigInt(value))]);
}

/** INTEGER from a big-endian magnitude, never negative. */
export function unsignedInteger(magnitude: Uint8Array): DerNode {
  const start = magnitude.findIndex((octet) => octet !== 0);
  if (start === -1) return node(TAG.integer, [ZERO]);
  const digits = start === 0 ? magnitude : magnitude.subarray(start);
  return node(TAG.integer, (digits[0] ?? 0) > 0x7f ? [ZERO, digits] : [digits]);
}

/** BIT STRING. The last `unusedBits` (0–7) bits of `bytes` are padding and must be zero (X.690 §11.2.1). */
export function bitString(bytes: Uint8Array, unusedBits = 0): DerNode {
  const padding = (bytes.at(-1) ?? 0) & (2 ** unusedBits - 1);
  if (!(unusedBits >= 0 && unusedBits <= 7) || padding !== 0 || (bytes.length === 0 && unusedBits > 0)) {
    throw new TypeError('a BIT STRING has at most seven unused bits, all zero');
  }
  return node(TAG.bitString, [unusedBits === 0 ? ZERO : Uint8Array.of(unusedBits), bytes]);
}

/** BIT STRING of a named bit list: the bits at these positions, without trailing zeros (X.690 §11.2.2). */
export function namedBits(positions: readonly number[]): DerNode {
  if (positions.length === 0) return bitString(new Uint8Array());
  const last = Math.max(...positions);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const position of positions) {
    bytes[position >> 3] = (bytes[position >> 3] ?? 0) | (0x80 >> (position & 7));
  }
  return bitString(bytes, 7 - (last & 7));
}

/** OCTET STRING of raw octets, or of another value's encoding. */
export function octetString(content: Der): DerNode {
  return node(TAG.octetString, [content]);
}

/** NULL. */
export function nullValue(): DerNode {
  return node(TAG.null, []);
}

/** OBJECT IDENTIFIER from dotted decimal (X.690 §8.19). */
export function objectIdentifier(dotted: string): DerNode {
  const arcs = /^[0-2](\.(0|[1-9]\d*))+$/.test(dotted) ? dotted.split('.').map(BigInt) : [];
  const [first, second, ...rest] = arcs;
  if (first === undefined || second === undefined || (first < 2n && second > 39n)) {
    throw new TypeError(`not an object identifier: ${dotted}`);
  }
  return node(TAG.objectIdentifier, [Buffer.from([first * 40n + second, ...rest].flatMap(base128))]);
}

/** UTF8String. */
export function utf8String(text: string): DerNode {
  if (!text.isWellFormed()) throw new TypeError('a UTF8String cannot hold half of a surrogate pair');
  return node(TAG.utf8String, [Buffer.from(text, 'utf8')]);
}

/** PrintableString: letters, digits, space and `'()+,-./:=?` (X.680 §41.4). */
export function printableString(text: string): DerNode {
  if (!PRINTABLE_STRING.test(text)) throw new TypeError('outside the alphabet of PrintableString');
  return node(TAG.printableString, [Buffer.from(text, 'latin1')]);
}

/** IA5String: the 128 characters of ASCII. */
export function ia5String(text: string): DerNode {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length !== text.length) throw new TypeError('an IA5String holds ASCII only');
  return node(TAG.ia5String, [bytes]);
}

/** A certificate's time: UTCTime until 2049, GeneralizedTime from 2050; fractions of a second are dropped (RFC 5280 §4.1.2.5). */
export function time(date: Date): DerNode {
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new TypeError('a time must lie in the years 1950 to 9999');
  const fields = [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  return year < 2050
    ? node(TAG.utcTime, [timeDigits([year % 100, ...fields])])
    : node(TAG.generalizedTime, [timeDigits([Math.trunc(year / 100), year % 100, ...fields])]);
}

/** SEQUENCE or SEQUENCE OF. */
export function sequence(...parts: readonly Der[]): DerNode {
  return node(TAG.sequence, parts);
}

/** SET OF: the encodings in ascending order (X.690 §11.6). */
export function setOf(...values: readonly Der[]): DerNode {
  return node(TAG.set, values.map(encodeDer).sort(Buffer.compare));
}

/** `[number] EXPLICIT` around a value. */
export function explicit(number: number, value: Der): DerNode {
  return node(contextTag(number) | CONSTRUCTED, [value]);
}

/** `[number] IMPLICIT` in place of a value's own tag. */
export function implicit(number: number, value: DerNode): DerNode {
  return { ...value, tag: contextTag(number) | (value.tag & CONSTRUCTED) };
}

const ZERO = Uint8Array.of(0);
const ASCII_ZERO = 0x30;
const ASCII_Z = 0x5a;

function node(tag: number, parts: readonly Der[]): DerNode {
  let contentLength = 0;
  for (const part of parts) contentLength += part.length;
  return { tag, parts, contentLength, length: 1 + lengthOctets(contentLength) + contentLength };
}

/** Two ASCII digits for each field, then `Z`. */
function timeDigits(fields: readonly number[]): Uint8Array {
  const digits = new Uint8Array(fields.length * 2 + 1);
  fields.forEach((field, index) => {
    digits[index * 2] = ASCII_ZERO + Math.trunc(field / 10);
    digits[index * 2 + 1] = ASCII_ZERO + (field % 10);
  });
  digits[fields.length * 2] = ASCII_Z;
  return digits;
}

function contextTag(number: number): number {
  if (!(number >= 0 && number < HIGH_TAG_NUMBER)) throw new TypeError('a context tag lies between 0 and 30');
  return CONTEXT_SPECIFIC | number;
}

function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}

function copyInto(out: Buffer, start: number, value: Der): number {
  if (value instanceof Uint8Array) {
    // `set` has a fixed cost that exceeds a short loop's.
    if (value.length > 16) out.set(value, start);
    else for (let index = 0; index < value.length; index++) out[start + index] = value[index] ?? 0;
    return start + value.length;
  }
  out[start] = value.tag;
  let offset = writeLength(out, start + 1, value.contentLength);
  for (const part of value.parts) offset = copyInto(out, offset, part);
  return offset;
}

function writeLength(out: Buffer, offset: number, length: number): number {
  const octets = lengthOctets(length) - 1;
  if (octets === 0) return out.writeUInt8(length, offset);
  out[offset] = 0x80 | octets;
  return out.writeUIntBE(length, offset + 1, octets);
}

function twosComplement(value: bigint): Buffer {
  const bits = (value < 0n ? ~value : value).toString(2).length + 1;
  const octets = Math.ceil(bits / 8);
  const digits = BigInt.asUintN(octets * 8, value).toString(16);
  return Buffer.from(digits.padStart(octets * 2, '0'), 'hex');
}

function base128(arc: bigint): number[] {
  const octets = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) octets.unshift(Number(rest & 0x7fn) | 0x80);
  return octets;
}
