// Fills one buffer from front to back (X.690 §8.1). The caller computes its size first, so each octet is
// written once. Refuses times outside of 1950 to 9999. A wrong size gives a RangeError, or a buffer that is
// not full.
import { TAG } from './tags.ts';

/** The length of a whole value whose content has this many octets. */
export function encodedLength(contentLength: number): number {
  return 1 + lengthOctets(contentLength) + contentLength;
}

/** The length of a time in a certificate (RFC 5280 §4.1.2.5). */
export function timeLength(date: Date): number {
  return encodedLength(isUtcTime(date) ? UTC_TIME_LENGTH : GENERALIZED_TIME_LENGTH);
}

/** A buffer that is being filled. */
export class DerFiller {
  readonly bytes: Buffer;
  #offset = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafe(length);
  }

  /** Identifier and length of a value. Its content follows. */
  header(tag: number, contentLength: number): this {
    const octets = lengthOctets(contentLength) - 1;
    this.octet(tag);
    if (octets === 0) return this.octet(contentLength);
    this.octet(0x80 | octets);
    this.#offset = this.bytes.writeUIntBE(contentLength, this.#offset, octets);
    return this;
  }

  octet(octet: number): this {
    this.bytes[this.#offset++] = octet;
    return this;
  }

  octets(octets: Uint8Array): this {
    // A short loop is faster than `set`.
    if (octets.length > SHORT_LENGTH) this.bytes.set(octets, this.#offset);
    else
      for (let index = 0; index < octets.length; index++)
        this.bytes[this.#offset + index] = octets[index] ?? 0;
    this.#offset += octets.length;
    return this;
  }

  /** One octet for each character. All characters must be at most U+00FF. */
  text(text: string): this {
    this.#offset += this.bytes.write(text, this.#offset, 'latin1');
    return this;
  }

  /** UTCTime until 2049, GeneralizedTime from 2050. Fractions of a second are dropped (RFC 5280 §4.1.2.5). */
  time(date: Date): this {
    if (!isUtcTime(date)) return this.generalizedTime(date);
    return this.header(TAG.utcTime, UTC_TIME_LENGTH).#sinceYear(date);
  }

  /** GeneralizedTime in whole seconds, for any year. */
  generalizedTime(date: Date): this {
    this.header(TAG.generalizedTime, GENERALIZED_TIME_LENGTH);
    return this.#twoDigits(Math.trunc(date.getUTCFullYear() / 100)).#sinceYear(date);
  }

  #sinceYear(date: Date): this {
    const year = date.getUTCFullYear();
    if (!(year >= 1950 && year <= 9999)) throw new TypeError('a time must lie in the years 1950 to 9999');
    return this.#twoDigits(year % 100)
      .#twoDigits(date.getUTCMonth() + 1)
      .#twoDigits(date.getUTCDate())
      .#twoDigits(date.getUTCHours())
      .#twoDigits(date.getUTCMinutes())
      .#twoDigits(date.getUTCSeconds())
      .octet(ASCII_Z);
  }

  #twoDigits(number: number): this {
    const tens = Math.trunc(number / 10);
    return this.octet(ASCII_ZERO + tens).octet(ASCII_ZERO + number - tens * 10);
  }
}

const SHORT_LENGTH = 16;
const UTC_TIME_LENGTH = 13;
const GENERALIZED_TIME_LENGTH = 15;
const ASCII_ZERO = 0x30;
const ASCII_Z = 0x5a;

function isUtcTime(date: Date): boolean {
  return date.getUTCFullYear() < 2050;
}

function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}
