// Reads the contents of primitive types (X.690 §8, §11): from the octets of one element to a value.
// Refuses, with a DerError at the offset of the element, every form that DER does not allow.
import { DerError } from '../errors.ts';
import { FREQUENT_OIDS } from '../oids.ts';
import { PRINTABLE_STRING, TAG } from './tags.ts';
import { encodeDer, objectIdentifier } from './write.ts';

/** One value in the input. `content` and `bytes` (with identifier and length) are views, not copies. */
export interface DerElement {
  readonly tag: number;
  readonly offset: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

/** The bits of a BIT STRING. The last `unusedBits` of `bytes` are zero and do not belong to it. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
}

export function booleanOf({ content, offset }: DerElement): boolean {
  const [octet] = content;
  if (content.length !== 1 || (octet !== 0 && octet !== 0xff)) {
    throw new DerError('BOOLEAN is neither 0x00 nor 0xff (X.690 §11.1)', offset);
  }
  return octet === 0xff;
}

export function integerOf({ content, offset }: DerElement): bigint {
  const [first, second = 0] = content;
  if (first === undefined) throw new DerError('INTEGER is empty', offset);
  const isPadded = first === 0 ? second < 0x80 : first === 0xff && second >= 0x80;
  if (content.length > 1 && isPadded) throw new DerError('INTEGER is not minimal (X.690 §8.3.2)', offset);
  return BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString('hex')}`));
}

export function bitStringOf({ content, offset }: DerElement): BitString {
  const unusedBits = content[0];
  const bytes = content.subarray(1);
  if (unusedBits === undefined || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) {
    throw new DerError('BIT STRING has a wrong number of unused bits (X.690 §8.6.2)', offset);
  }
  if (((bytes.at(-1) ?? 0) & (2 ** unusedBits - 1)) !== 0) {
    throw new DerError('BIT STRING has unused bits set (X.690 §11.2.1)', offset);
  }
  return { bytes, unusedBits };
}

/**
 * Nearly all certificates use the same few object identifiers. Looking these up is much faster than decoding
 * them.
 */
export function objectIdentifierOf({ content, offset }: DerElement): string {
  const known = FREQUENT.get(checksum(content));
  if (known !== undefined && isSame(known.content, content)) return known.dotted;
  return readObjectIdentifier(content, offset);
}

function readObjectIdentifier(content: Uint8Array, offset: number): string {
  if (content.length === 0) throw new DerError('OBJECT IDENTIFIER is empty', offset);
  let dotted = '';
  for (let start = 0; start < content.length; ) {
    const end = endOfArc(content, { start, offset });
    const arc = arcOf(content, start, end);
    dotted = start === 0 ? firstArcs(arc) : `${dotted}.${arc}`;
    start = end;
  }
  return dotted;
}

export function utf8Of({ content, offset }: DerElement): string {
  try {
    return UTF8.decode(content);
  } catch {
    throw new DerError('UTF8String is not UTF-8', offset);
  }
}

export function printableOf({ content, offset }: DerElement): string {
  const text = Buffer.from(content).toString('latin1');
  if (!PRINTABLE_STRING.test(text))
    throw new DerError('PrintableString has characters outside of its alphabet (X.680 §41.4)', offset);
  return text;
}

export function ia5Of({ content, offset }: DerElement): string {
  if (content.some((octet) => octet > 0x7f)) throw new DerError('IA5String is not ASCII', offset);
  return Buffer.from(content).toString('latin1');
}

/**
 * UTCTime or GeneralizedTime, both in whole seconds and `Z` (RFC 5280 §4.1.2.5). GeneralizedTime is also
 * accepted before 2050: some publicly trusted roots have it, and its meaning is clear.
 */
export function timeOf({ tag, content, offset }: DerElement): Date {
  const digits = Buffer.from(content).toString('latin1');
  const isUtcTime = tag === TAG.utcTime;
  const date = calendarDate(isUtcTime ? century(digits) + digits : digits);
  if (date === undefined || (!isUtcTime && tag !== TAG.generalizedTime)) {
    throw new DerError('not a time in the form of RFC 5280 §4.1.2.5', offset);
  }
  return date;
}

const MAX_ARC_OCTETS = 19;

const FREQUENT = new Map(
  FREQUENT_OIDS.map((dotted) => {
    const content = encodeDer(objectIdentifier(dotted)).subarray(2);
    return [checksum(content), { content, dotted }];
  }),
);

function checksum(content: Uint8Array): number {
  let sum = content.length;
  for (let index = 0; index < content.length; index++) sum = (Math.imul(sum, 31) + (content[index] ?? 0)) | 0;
  return sum;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let index = 0;
  while (index < one.length && one[index] === other[index]) index++;
  return index === one.length;
}
const ASCII_ZERO = 0x30;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The end of the arc that begins at `start`. All octets of an arc except the last have the high bit set. */
function endOfArc(content: Uint8Array, { start, offset }: { start: number; offset: number }): number {
  if (content[start] === 0x80) {
    throw new DerError('OBJECT IDENTIFIER is not minimal (X.690 §8.19.2)', offset);
  }
  let last = start;
  while ((content[last] ?? 0) >= 0x80) last++;
  if (last >= content.length) throw new DerError('OBJECT IDENTIFIER ends early', offset);
  if (last - start >= MAX_ARC_OCTETS)
    throw new DerError('OBJECT IDENTIFIER has an arc of more than 128 bits', offset);
  return last + 1;
}

/** Nearly all arcs are small, and a bigint takes ten times as long as a number. */
function arcOf(content: Uint8Array, start: number, end: number): number | bigint {
  if (end - start > 4) {
    return content.subarray(start, end).reduce((arc, octet) => (arc << 7n) | BigInt(octet & 0x7f), 0n);
  }
  let arc = 0;
  for (let index = start; index < end; index++) arc = (arc << 7) | ((content[index] ?? 0) & 0x7f);
  return arc;
}

/** One number contains the first two arcs (X.690 §8.19.4). */
function firstArcs(arc: number | bigint): string {
  if (typeof arc === 'bigint') return `2.${arc - 80n}`;
  const root = Math.min(Math.trunc(arc / 40), 2);
  return `${root}.${arc - root * 40}`;
}

function century(utcDigits: string): string {
  return utcDigits < '50' ? '20' : '19';
}

/** `YYYYMMDDHHMMSSZ` as a date. `undefined` for dates that do not exist, and for leap seconds. */
function calendarDate(digits: string): Date | undefined {
  if (!/^\d{14}Z$/.test(digits)) return undefined;
  const year = twoDigits(digits, 0) * 100 + twoDigits(digits, 2);
  const [month, day] = [twoDigits(digits, 4) - 1, twoDigits(digits, 6)];
  const [hour, minute, second] = [twoDigits(digits, 8), twoDigits(digits, 10), twoDigits(digits, 12)];
  const date = new Date(Date.UTC(2000, month, day, hour, minute, second));
  date.setUTCFullYear(year, month, day);
  const exists = date.getUTCMonth() === month && date.getUTCDate() === day;
  return exists && hour < 24 && minute < 60 && second < 60 ? date : undefined;
}

function twoDigits(digits: string, start: number): number {
  return (digits.charCodeAt(start) - ASCII_ZERO) * 10 + digits.charCodeAt(start + 1) - ASCII_ZERO;
}
