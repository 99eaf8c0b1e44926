// Contents of primitive types (X.690 §8, §11): from the octets of one element to a value.
// Refuses, with DerError at the element's offset, every form but the one that DER allows.
import { DerError } from '../errors.ts';
import { PRINTABLE_STRING, TAG } from './tags.ts';

/** One value as it stands in the input. `content` and `bytes` (identifier and length included) are views, not copies. */
export interface DerElement {
  readonly tag: number;
  readonly offset: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

/** The bits of a BIT STRING; the last `unusedBits` of `bytes` are zero and do not count. */
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
  const [unusedBits] = content;
  const bytes = content.subarray(1);
  if (unusedBits === undefined || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) {
    throw new DerError('BIT STRING counts its unused bits wrongly (X.690 §8.6.2)', offset);
  }
  if (((bytes.at(-1) ?? 0) & (2 ** unusedBits - 1)) !== 0) {
    throw new DerError('BIT STRING has unused bits set (X.690 §11.2.1)', offset);
  }
  return { bytes, unusedBits };
}

export function objectIdentifierOf({ content, offset }: DerElement): string {
  const [first, ...rest] = arcsOf(content, offset);
  if (first === undefined) throw new DerError('OBJECT IDENTIFIER is empty', offset);
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
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
  if (!PRINTABLE_STRING.test(text)) throw new DerError('PrintableString is outside its alphabet', offset);
  return text;
}

export function ia5Of({ content, offset }: DerElement): string {
  if (content.some((octet) => octet > 0x7f)) throw new DerError('IA5String is not ASCII', offset);
  return Buffer.from(content).toString('latin1');
}

/**
 * UTCTime or GeneralizedTime, both in whole seconds and `Z` (RFC 5280 §4.1.2.5). GeneralizedTime is taken before 2050 as
 * well: some publicly trusted roots have it, and it leaves no doubt.
 */
export function timeOf({ tag, content, offset }: DerElement): Date {
  const digits = Buffer.from(content).toString('latin1');
  const isUtcTime = tag === TAG.utcTime;
  const date = calendarDate(isUtcTime ? century(digits) + digits : digits);
  if (date === undefined || (!isUtcTime && tag !== TAG.generalizedTime)) {
    throw new DerError('not a time as RFC 5280 §4.1.2.5 writes it', offset);
  }
  return date;
}

const MAX_ARC_OCTETS = 19;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function arcsOf(content: Uint8Array, offset: number): bigint[] {
  const arcs: bigint[] = [];
  let arc = 0n;
  let octets = 0;
  for (const octet of content) {
    if (octets === 0 && octet === 0x80)
      throw new DerError('OBJECT IDENTIFIER is not minimal (X.690 §8.19.2)', offset);
    if (++octets > MAX_ARC_OCTETS) throw new DerError('OBJECT IDENTIFIER has an arc beyond 128 bits', offset);
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    if (octet >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
    octets = 0;
  }
  if (octets !== 0) throw new DerError('OBJECT IDENTIFIER ends early', offset);
  return arcs;
}

function century(utcDigits: string): string {
  return utcDigits < '50' ? '20' : '19';
}

/** `YYYYMMDDHHMMSSZ` as a date that exists; a leap second does not. */
function calendarDate(digits: string): Date | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) || date.toISOString() !== iso ? undefined : date;
}
