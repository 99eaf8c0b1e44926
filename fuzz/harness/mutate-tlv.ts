// Changes one value in a tree of values, then corrects every length around it, so that readers reach the
// inside.
import { mutateOctets } from './mutate-octets.ts';
import type { Random } from './random.ts';
import { encodeTlv, leaf, parseTlv, pickSiblings, type TlvNode } from './tlv-tree.ts';

/** One change; undefined if the input is not a tree. */
export function mutateTlv(input: Uint8Array, random: Random, other: Uint8Array): Uint8Array | undefined {
  const tree = parseTlv(input);
  if (tree === undefined || tree.length === 0) return undefined;
  const siblings = pickSiblings(tree, random);
  const index = random.below(siblings.length);
  const node = siblings[index];
  if (node !== undefined) random.pick(MUTATIONS)({ siblings, index, node, other }, random);
  return encodeTlv(tree);
}

interface Place {
  readonly siblings: TlvNode[];
  readonly index: number;
  readonly node: TlvNode;
  readonly other: Uint8Array;
}

const SEQUENCE = 0x30;
/** A little more than readers allow. */
const MAX_NESTING = 40;
const COPIES = [1, 1, 1, 2, 3, 20];
const SPECIAL_TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0x81, 0x82, 0x86,
  0x87, 0xa0, 0xa1, 0xa2, 0xa3,
];

const MUTATIONS: readonly ((place: Place, random: Random) => void)[] = [
  ({ node, other }, random) => {
    if (node.children.length === 0) node.content = mutateOctets(node.content, random, other.subarray(0, 8));
  },
  ({ node }, random) => {
    node.tag = random.pick(SPECIAL_TAGS);
  },
  ({ siblings, index }) => {
    siblings.splice(index, 1);
  },
  ({ siblings, index, node }, random) => {
    siblings.splice(index, 0, ...Array.from({ length: random.pick(COPIES) }, () => node));
  },
  ({ siblings, index, node }, random) => {
    siblings.splice(index, 1);
    siblings.splice(random.below(siblings.length + 1), 0, node);
  },
  ({ siblings, index, node, other }, random) => {
    siblings[index] = pickNode(other, random) ?? node;
  },
  ({ siblings, index, node, other }, random) => {
    siblings.splice(index, 0, pickNode(other, random) ?? node);
  },
  ({ siblings, index, node }, random) => {
    siblings[index] = nested(node, 1 + random.below(MAX_NESTING));
  },
  ({ node }, random) => {
    node.children = [];
    node.content = random.octets(random.below(24));
  },
];

function pickNode(input: Uint8Array, random: Random): TlvNode | undefined {
  const tree = parseTlv(input);
  return tree === undefined || tree.length === 0 ? undefined : random.pick(pickSiblings(tree, random));
}

function nested(node: TlvNode, depth: number): TlvNode {
  return depth === 0 ? node : { ...leaf(SEQUENCE, new Uint8Array()), children: [nested(node, depth - 1)] };
}
