// Octets as a tree of tag, length and value, read without checks, so that the lengths around a change can be
// corrected. Octets that do not parse are a leaf.

import type { Random } from './random.ts';

/** A value: either other values, or octets. */
export interface TlvNode {
  tag: number;
  /** Octets before the first child: the unused bits of a BIT STRING that wraps DER. */
  prefix: Uint8Array;
  children: TlvNode[];
  /** Empty if there are children. */
  content: Uint8Array;
}

/** All values from the start to the end of the input; undefined if it does not consist of values. */
export function parseTlv(input: Uint8Array, depth = 0): TlvNode[] | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const nodes: TlvNode[] = [];
  for (let offset = 0; offset < input.length; ) {
    const header = headerAt(input, offset);
    if (header === undefined) return undefined;
    nodes.push(nodeOf(header.tag, input.subarray(header.start, header.end), depth));
    offset = header.end;
  }
  return nodes;
}

/** The octets of values, with lengths in the form of DER. */
export function encodeTlv(nodes: readonly TlvNode[]): Uint8Array {
  return Buffer.concat(
    nodes.flatMap(({ tag, prefix, children, content }) => {
      const inner = encodeTlv(children);
      const length = prefix.length + inner.length + content.length;
      return [Uint8Array.of(tag), lengthOctets(length), prefix, inner, content];
    }),
  );
}

/** A value of octets. */
export function leaf(tag: number, content: Uint8Array): TlvNode {
  return { tag, prefix: NOTHING, children: [], content };
}

/** The siblings of a randomly chosen value in a tree, at any depth. */
export function pickSiblings(nodes: TlvNode[], random: Random): TlvNode[] {
  let siblings = nodes;
  while (random.below(STOP_ONE_IN) > 0) {
    const { children } = random.pick(siblings);
    if (children.length === 0) break;
    siblings = children;
  }
  return siblings;
}

const MAX_DEPTH = 48;
/** The chance that a walk ends at a level: one in this many. */
const STOP_ONE_IN = 8;
const CONSTRUCTED = 0x20;
const OCTET_STRING = 0x04;
const BIT_STRING = 0x03;
const NOTHING = new Uint8Array();

function nodeOf(tag: number, content: Uint8Array, depth: number): TlvNode {
  const wraps = (tag & CONSTRUCTED) !== 0 || tag === OCTET_STRING || (tag === BIT_STRING && content[0] === 0);
  const prefixLength = tag === BIT_STRING ? 1 : 0;
  const children = wraps ? parseTlv(content.subarray(prefixLength), depth + 1) : undefined;
  if (children === undefined || children.length === 0) return leaf(tag, content);
  return { tag, prefix: content.subarray(0, prefixLength), children, content: NOTHING };
}

function headerAt(
  input: Uint8Array,
  offset: number,
): { tag: number; start: number; end: number } | undefined {
  const { [offset]: tag, [offset + 1]: first } = input;
  if (tag === undefined || first === undefined) return undefined;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + octets;
  const long = input.subarray(offset + 2, start).reduce((sum, octet) => sum * 256 + octet, 0);
  const end = start + (first < 0x80 ? first : long);
  return end <= input.length ? { tag, start, end } : undefined;
}

function lengthOctets(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits = length.toString(16);
  const octets = Uint8Array.fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
  return Uint8Array.of(0x80 | octets.length, ...octets);
}
