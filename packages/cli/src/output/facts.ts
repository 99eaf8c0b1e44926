// One thing as lines of names and values.
import type { CliContext } from '../process.ts';
import { wrap } from './lines.ts';
import { cell, print } from './print.ts';

const GAP = '  ';

/**
 * Aligned. A value that is `undefined` has no line. A long one continues on the next line, between words. One
 * with a word that does not fit beside the names is below its own name: the word may be copied, so it is
 * whole.
 */
export function printFacts(
  { process, screen }: Pick<CliContext, 'process' | 'screen'>,
  facts: readonly (readonly [name: string, value: unknown])[],
): void {
  const shown = facts.filter(([, value]) => value !== undefined);
  const columns = screen.columns ?? Number.POSITIVE_INFINITY;
  const width = Math.max(...shown.map(([name]) => name.length)) + GAP.length;
  for (const [name, value] of shown) {
    const text = cell(value);
    const beside = wrap(text, columns - width);
    const fits = beside.every((line) => line.length <= columns - width);
    print(
      process,
      fits
        ? name.padEnd(width) + beside.join(`\n${' '.repeat(width)}`)
        : [name, ...wrap(text, columns - GAP.length)].join(`\n${GAP}`),
    );
  }
}
