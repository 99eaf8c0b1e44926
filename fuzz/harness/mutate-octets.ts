// Changes to octets without knowledge of their meaning: bits, ranges, splices, and lengths at every possible
// place.
import type { Random } from './random.ts';

/** A new input, made from this one and perhaps a part of a second one. */
export type OctetMutation = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** One change. An empty input stays empty or is replaced. */
export function mutateOctets(input: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  return input.length === 0 ? other : random.pick(MUTATIONS)(input, random, other);
}

const MAX_RANGE = 64;
/** Ends of ranges, and octets with a meaning in DER: lengths in their long forms, tags. */
const SPECIAL_OCTETS = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x17, 0x18, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82,
  0x83, 0x84, 0x85, 0xa0, 0xa1, 0xa3, 0xfe, 0xff,
] as const;

const MUTATIONS: readonly OctetMutation[] = [
  (input, random) => replaceAt(input, random, (octet) => octet ^ (1 << random.below(8))),
  (input, random) => replaceAt(input, random, () => random.pick(SPECIAL_OCTETS)),
  (input, random) => replaceAt(input, random, (octet) => octet + random.pick([-2, -1, 1, 2])),
  (input, random) => input.subarray(0, random.below(input.length)),
  (input, random) => {
    const { start, end } = rangeOf(input, random);
    return Buffer.concat([input.subarray(0, start), input.subarray(end)]);
  },
  (input, random) => {
    const { start, end } = rangeOf(input, random);
    return Buffer.concat([input.subarray(0, end), input.subarray(start)]);
  },
  (input, random) => insertAt(input, random, random.octets(1 + random.below(8))),
  (input, random) => insertAt(input, random, longLength(random)),
  (input, random, other) => {
    const { start, end } = rangeOf(other, random);
    return insertAt(input, random, other.subarray(start, end));
  },
  (input, random, other) =>
    Buffer.concat([
      input.subarray(0, random.below(input.length)),
      other.subarray(random.below(other.length)),
    ]),
];

function replaceAt(input: Uint8Array, random: Random, change: (octet: number) => number): Uint8Array {
  const copy = Uint8Array.from(input);
  const index = random.below(copy.length);
  copy[index] = change(copy[index] ?? 0) & 0xff;
  return copy;
}

function insertAt(input: Uint8Array, random: Random, octets: Uint8Array): Uint8Array {
  const index = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, index), octets, input.subarray(index)]);
}

function rangeOf({ length }: Uint8Array, random: Random): { start: number; end: number } {
  const start = random.below(length);
  return { start, end: Math.min(length, start + 1 + random.below(MAX_RANGE)) };
}

function longLength(random: Random): Uint8Array {
  const octets = 1 + random.below(6);
  return Uint8Array.of(0x80 | octets, ...random.octets(octets));
}
