// Splits a file into its policies, so that a mistake in one does not hide those in others.
import type { Passage, SourceText } from './source-text.ts';
import type { Token } from './tokens.ts';
import { tokensOf } from './tokens.ts';

/**
 * A policy ends with its semicolon. Text after the last semicolon must be a policy, too, without its
 * semicolon.
 */
export function splitPolicies(source: SourceText): Passage[] {
  const passages: Passage[] = [];
  let first: Token | undefined;
  for (const token of tokensOf(source.text)) {
    first ??= token;
    if (token.kind !== 'symbol' || token.text !== ';') continue;
    passages.push(passage(source, first.start, token.start + 1));
    first = undefined;
  }
  if (first) passages.push(passage(source, first.start, source.text.length));
  return passages;
}

/** Where another policy begins although the policy before it has no semicolon. */
export function indexOfNextPolicy({ text }: Passage): number | undefined {
  let [hasEffect, before] = [false, ''];
  for (const token of tokensOf(text)) {
    const isEffect = EFFECTS.has(token.text);
    const isAfterEnd = hasEffect && (before === ')' || before === '}');
    if (isAfterEnd && (isEffect || token.text === '@')) return token.start;
    hasEffect ||= isEffect;
    before = token.text;
  }
  return undefined;
}

const EFFECTS = new Set(['permit', 'forbid']);

function passage(source: SourceText, start: number, end: number): Passage {
  return { source, start, text: source.text.slice(start, end).trimEnd() };
}
