// What the scripts for bash and zsh share: both walk the words of the command line in the same way.
import type { OptionFacts } from '../../command-facts.ts';
import { expected, type Place, spellings } from './places.ts';

/** Text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The patterns of all places except the first, for `case`. */
export function pathPatterns(places: readonly Place[]): string {
  return places
    .slice(1)
    .map(({ path }) => quoted(path))
    .join('|');
}

/** The lines of a `case` on the previous word: its possible values. Options without a value have no line. */
export function valueCases(options: readonly OptionFacts[]): string[] {
  return options
    .filter(({ value }) => value !== undefined)
    .map((option) => `        ${spellings(option).join('|')}) ${whatFollows(option)} ;;`);
}

function whatFollows({ choices, value = '' }: OptionFacts): string {
  if (choices.length > 0) return `choices=(${choices.join(' ')}); expected=choice`;
  return `expected=${expected(value)}`;
}
