// One thing as lines of names and values.
import type { CliProcess } from '../process.ts';
import { cell, print } from './print.ts';

/** Aligned. A value that is `undefined` has no line. */
export function printFacts(
  process: CliProcess,
  facts: readonly (readonly [name: string, value: unknown])[],
): void {
  const shown = facts.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown) print(process, `${name.padEnd(width)}  ${cell(value)}`);
}
