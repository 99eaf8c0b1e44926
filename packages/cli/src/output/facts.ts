// Prints one object as lines of names and values.
import type { CliContext } from '../process.ts';
import { wrap } from './lines.ts';
import { cell, print } from './print.ts';

const GAP = '  ';

/**
 * Aligned lines. `undefined` values have no line. A long value continues on the next line, between words. If
 * a word does not fit beside the names, the value is below its name: words stay whole, so that people can
 * copy them.
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
