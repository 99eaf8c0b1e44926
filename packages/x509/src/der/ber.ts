// Rewrites BER (X.690 §8) as DER. Firefox and others write PKCS#12 files with indefinite lengths and strings
// in pieces. Refuses values that exceed their limits, high tag numbers, and nesting deeper than 32. Values of
// primitive types are not changed.
import { DerError } from '../errors.ts';
import { CONSTRUCTED, HIGH_TAG_NUMBER, TAG } from './tags.ts';
import { type DerNode, encodeDer, node } from './write.ts';

/**
 * The same value with definite, minimal lengths, each OCTET STRING in one piece.
 * @throws DerError
 */
export function berToDer(input: Uint8Array): Buffer {
  const { value, end } = readValue(input, { offset: 0, limit: input.length, depth: 0 });
  if (end !== input.length) throw new DerError('trailing octets', end);
  return encodeDer(value);
}

const MAX_DEPTH = 32;
const MAX_LENGTH_OCTETS = 4;
const INDEFINITE = 0x80;
const CONSTRUCTED_OCTET_STRING = TAG.octetString | CONSTRUCTED;

interface Span {
  readonly offset: number;
  readonly limit: number;
  readonly depth: number;
}

function readValue(input: Uint8Array, { offset, limit, depth }: Span): { value: DerNode; end: number } {
  if (limit - offset < 2) throw new DerError('the input ends early', offset);
  const tag = input[offset] ?? 0;
  const first = input[offset + 1] ?? 0;
  if ((tag & 0x1f) === HIGH_TAG_NUMBER || tag === 0) throw new DerError('unexpected tag', offset);
  if (depth > MAX_DEPTH) throw new DerError(`nested deeper than ${MAX_DEPTH}`, offset);
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  if (first === INDEFINITE) {
    if (!isConstructed) throw new DerError('a primitive value has an indefinite length', offset);
    const { values, end } = readValues(input, { offset: offset + 2, limit, depth: depth + 1 }, true);
    return { value: join(tag, values, offset), end };
  }
  const start = offset + 2 + (first < INDEFINITE ? 0 : first & 0x7f);
  const end =
    start +
    (first < INDEFINITE ? first : longLength(input.subarray(offset + 2, Math.min(start, limit)), start));
  if (end > limit) throw new DerError('the length exceeds the input', offset);
  if (!isConstructed) return { value: node(tag, [input.subarray(start, end)]), end };
  const { values } = readValues(input, { offset: start, limit: end, depth: depth + 1 }, false);
  return { value: join(tag, values, offset), end };
}

/** Values up to the limit, or up to the two zeros that end an indefinite length. */
function readValues(input: Uint8Array, { offset, limit, depth }: Span, isIndefinite: boolean) {
  const values: DerNode[] = [];
  let next = offset;
  while (isIndefinite ? input[next] !== 0 || input[next + 1] !== 0 : next < limit) {
    const { value, end } = readValue(input, { offset: next, limit, depth });
    values.push(value);
    next = end;
  }
  if (isIndefinite && next + 2 > limit) throw new DerError('the input ends early', next);
  return { values, end: isIndefinite ? next + 2 : next };
}

function longLength(octets: Uint8Array, start: number): number {
  if (octets.length === 0 || octets.length > MAX_LENGTH_OCTETS)
    throw new DerError('the length exceeds the input', start);
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function join(tag: number, values: readonly DerNode[], offset: number): DerNode {
  if (tag !== CONSTRUCTED_OCTET_STRING) return node(tag, values);
  if (values.some((value) => value.tag !== TAG.octetString)) {
    throw new DerError('an OCTET STRING has pieces of another type', offset);
  }
  return node(
    TAG.octetString,
    values.flatMap(({ parts }) => parts),
  );
}
