// Writes DER (X.690 §8 to §11). Values are described first, with their lengths; `encodeDer` then copies them
// once. Throws TypeError for values without a DER form: unsafe integers, malformed OIDs, strings outside of
// their alphabet, times outside of 1950 to 9999.
import { DerFiller, encodedLength, timeLength } from './fill.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, HIGH_TAG_NUMBER, PRINTABLE_STRING, TAG } from './tags.ts';

/** The description of a value. */
export interface DerNode {
  readonly tag: number;
  /** In text, each character is one octet. */
  readonly parts: readonly (Der | string)[];
  readonly contentLength: number;
  /** Octets of the whole encoding: identifier, length and content. */
  readonly length: number;
}

/** A described value, or octets to copy: an encoded value, or the content of a primitive value. */
export type Der = Uint8Array | DerNode;

/** Writes a value into one new buffer. */
export function encodeDer(value: Der): Buffer {
  const filler = new DerFiller(value.length);
  fillValue(filler, value);
  return filler.bytes;
}

/** Writes a value with all its content at the current position of a buffer. */
export function fillValue(filler: DerFiller, value: Der): void {
  if (value instanceof Uint8Array) {
    filler.octets(value);
    return;
  }
  filler.header(value.tag, value.contentLength);
  for (const part of value.parts) {
    if (typeof part === 'string') filler.text(part);
    else fillValue(filler, part);
  }
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

/** ENUMERATED with a value below 128, which is one octet. */
export function enumerated(value: number): DerNode {
  if (!(Number.isInteger(value) && value >= 0 && value < 0x80)) {
    throw new TypeError('an ENUMERATED must be 0 to 127');
  }
  return node(TAG.enumerated, [Uint8Array.of(value)]);
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

/** OCTET STRING of octets, or of the encoding of another value. */
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
  if (!text.isWellFormed()) throw new TypeError('a UTF8String cannot contain half of a surrogate pair');
  return node(TAG.utf8String, [Buffer.from(text, 'utf8')]);
}

/** PrintableString: letters, digits, space and `'()+,-./:=?` (X.680 §41.4). */
export function printableString(text: string): DerNode {
  if (!PRINTABLE_STRING.test(text))
    throw new TypeError("a PrintableString has only letters, digits, space and '()+,-./:=?");
  return node(TAG.printableString, [text]);
}

/** IA5String: the 128 characters of ASCII. */
export function ia5String(text: string): DerNode {
  if (!IA5_STRING.test(text)) throw new TypeError('an IA5String has only ASCII characters');
  return node(TAG.ia5String, [text]);
}

/**
 * A time in a certificate: UTCTime until 2049, GeneralizedTime from 2050. Fractions are dropped (RFC 5280
 * §4.1.2.5).
 */
export function time(date: Date): Der {
  return new DerFiller(timeLength(date)).time(date).bytes;
}

/** GeneralizedTime in whole seconds, for structures that allow no other time (RFC 6960 §4.2.1). */
export function generalizedTime(date: Date): Der {
  return new DerFiller(GENERALIZED_TIME_LENGTH).generalizedTime(date).bytes;
}

/** SEQUENCE or SEQUENCE OF. */
export function sequence(...parts: readonly Der[]): DerNode {
  return node(TAG.sequence, parts);
}

/** SET OF, with the encodings in ascending order (X.690 §11.6). */
export function setOf(...values: readonly Der[]): DerNode {
  return node(TAG.set, values.length === 1 ? values : values.map(encodeDer).sort(Buffer.compare));
}

/** `[number] EXPLICIT` around a value. */
export function explicit(number: number, value: Der): DerNode {
  return node(contextTag(number) | CONSTRUCTED, [value]);
}

/** `[number] IMPLICIT`, which replaces the tag of a value. */
export function implicit(number: number, value: DerNode): DerNode {
  return { ...value, tag: contextTag(number) | (value.tag & CONSTRUCTED) };
}

/** A value with any identifier octet. */
export function node(tag: number, parts: readonly (Der | string)[]): DerNode {
  let contentLength = 0;
  for (const part of parts) contentLength += part.length;
  return { tag, parts, contentLength, length: encodedLength(contentLength) };
}

const ZERO = Uint8Array.of(0);
const GENERALIZED_TIME_LENGTH = 17;
const IA5_STRING = /^\p{ASCII}*$/u;

function contextTag(number: number): number {
  if (!(number >= 0 && number < HIGH_TAG_NUMBER)) throw new TypeError('a context tag must be 0 to 30');
  return CONTEXT_SPECIFIC | number;
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
