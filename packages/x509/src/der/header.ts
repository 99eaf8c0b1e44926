// Reads the identifier and length octets of one value (X.690 §8.1, §10.1, §10.2). Refuses lengths that are
// indefinite, not minimal or too large, high tag numbers, and universal types in the form that DER does not
// use.
import { DerError } from '../errors.ts';
import { CONSTRUCTED, HIGH_TAG_NUMBER } from './tags.ts';

/** Where a value's content lies in the input. */
export interface DerHeader {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** Reads the header at `offset`. Header and content must end no later than `limit`. */
export function readHeader(input: Uint8Array, offset: number, limit: number): DerHeader {
  if (limit - offset < 2) throw new DerError('the input ends early', offset);
  const tag = input[offset] ?? 0;
  const first = input[offset + 1] ?? 0;
  if (IS_USED_IN_DER[tag] !== true) throw new DerError(`tag ${hexOctet(tag)} is not used in DER`, offset);
  const start = first < 0x80 ? offset + 2 : offset + 2 + (first & 0x7f);
  const length = first < 0x80 ? first : readLongLength(input, { offset, start, limit });
  if (length > limit - start) throw new DerError('the length exceeds the input', offset);
  return { tag, start, end: start + length };
}

/** An octet for error messages: `0x30`. */
export function hexOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}

const MAX_LENGTH_OCTETS = 4;

/** EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING. */
const CONSTRUCTED_UNIVERSAL: readonly number[] = [0x08, 0x0b, 0x10, 0x11, 0x1d];

/** Each universal type has one form in DER (X.690 §10.2). Tag 0 ends an indefinite length. */
const IS_USED_IN_DER = Array.from({ length: 0x100 }, (_, tag) => {
  const number = tag & 0x1f;
  if (number === HIGH_TAG_NUMBER || tag === 0) return false;
  return tag >= 0x40 || ((tag & CONSTRUCTED) !== 0) === CONSTRUCTED_UNIVERSAL.includes(number);
});

/** The length in the octets before `start`. The first octet says how many follow. */
function readLongLength(
  input: Uint8Array,
  { offset, start, limit }: { offset: number; start: number; limit: number },
): number {
  const octets = start - offset - 2;
  if (octets === 0) throw new DerError('the length is indefinite (X.690 §10.1)', offset);
  if (octets > MAX_LENGTH_OCTETS || start > limit) throw new DerError('the length exceeds the input', offset);
  let length = 0;
  for (let index = offset + 2; index < start; index++) length = length * 256 + (input[index] ?? 0);
  if (length < 0x80 || length < 256 ** (octets - 1))
    throw new DerError('the length is not minimal (X.690 §10.1)', offset);
  return length;
}
