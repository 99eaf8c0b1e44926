// One thing as lines of names and values.
import type { CliContext } from '../process.ts';
import { cell, print } from './print.ts';

const GAP = '  ';

/**
 * Aligned. A value that is `undefined` has no line. One that does not fit beside its name on the terminal is
 * below it: it may be copied, so it is whole.
 */
export function printFacts(
  { process, screen }: Pick<CliContext, 'process' | 'screen'>,
  facts: readonly (readonly [name: string, value: unknown])[],
): void {
  const shown = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  const fits = (line: string) => line.length <= (screen.columns ?? Number.POSITIVE_INFINITY);
  for (const [name, value] of shown) {
    const line = `${name.padEnd(width)}${GAP}${cell(value)}`;
    print(process, fits(line) ? line : `${name}\n${GAP}${cell(value)}`);
  }
}
