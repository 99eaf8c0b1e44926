// Limits of policy files. Cedar's parser is recursive, and WebAssembly has a small stack: about 120 nested
// brackets exhaust it, and then the instance cannot be used again.
import type { Passage } from './source-text.ts';
import type { Token } from './tokens.ts';
import { tokensOf } from './tokens.ts';

export const MAX_CHARACTERS = 4_000_000;
export const MAX_POLICIES = 10_000;
const MAX_POLICY_CHARACTERS = 100_000;
const MAX_BRACKETS = 60;
const MAX_CHAIN = 1_600;

export interface Exceeded {
  /** The index into the policy. */
  index: number;
  message: string;
  help: string;
}

/** Undefined if Cedar's parser can read the policy. */
export function exceededLimit({ text }: Passage): Exceeded | undefined {
  if (text.length > MAX_POLICY_CHARACTERS) return tooLong(text.length);
  let [brackets, chain] = [0, 0];
  for (const token of tokensOf(text)) {
    brackets += nesting(token);
    chain += CHAINED.get(token.text) ?? 0;
    if (brackets > MAX_BRACKETS) return tooDeep(token);
    if (chain > MAX_CHAIN) return tooMany(token);
    if (isTooLarge(token)) return tooLarge(token);
  }
  return undefined;
}

function nesting({ kind, text }: Token): number {
  if (kind !== 'symbol') return 0;
  if ('([{'.includes(text)) return 1;
  return ')]}'.includes(text) ? -1 : 0;
}

/** Operators that nest without brackets, each with its share of the stack. `&&` is two tokens here. */
const CHAINED = new Map([...['&', '|', '+', '-', '*', '.'].map((sign) => [sign, 1] as const), ['if', 4]]);

/** The JSON form of a policy has JavaScript's numbers. */
function isTooLarge({ kind, text }: Token): boolean {
  return kind === 'number' && BigInt(text) > BigInt(Number.MAX_SAFE_INTEGER);
}

function tooLong(length: number): Exceeded {
  return {
    index: 0,
    message: `The policy has ${length} characters: a policy may have ${MAX_POLICY_CHARACTERS}.`,
    help: 'Give principals or routes an attribute or a group instead of listing them.',
  };
}

function tooDeep({ start }: Token): Exceeded {
  return {
    index: start,
    message: `More than ${MAX_BRACKETS} brackets are open here.`,
    help: 'Split the policy into several, or remove brackets.',
  };
}

function tooMany({ start }: Token): Exceeded {
  return {
    index: start,
    message: 'The policy has too many operators.',
    help: 'Compare with a set, such as `["a", "b"].contains(principal.name)`, or split the policy into several.',
  };
}

function tooLarge({ start, text }: Token): Exceeded {
  return {
    index: start,
    message: `The number ${text} is too large: the largest is ${Number.MAX_SAFE_INTEGER} (2^53-1).`,
    help: 'Use a smaller unit, or a string.',
  };
}
