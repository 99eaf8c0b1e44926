// Prints mistakes in policy files as compilers do: the place, the line with a mark below, and what to do.
import type { PolicyFinding } from '../../connection/admin-api.ts';
import { wrap } from '../../output/lines.ts';
import { remark, visible } from '../../output/print.ts';
import { createScreen } from '../../output/screen.ts';
import type { CliContext } from '../../process.ts';
import type { PolicyFileAt } from './policy-files.ts';

/** On standard error. */
export function printFindings(
  { process }: Pick<CliContext, 'process'>,
  findings: readonly PolicyFinding[],
  files: readonly PolicyFileAt[],
): void {
  const screen = createScreen(process.stderr, process.env);
  const width = screen.columns ?? Number.POSITIVE_INFINITY;
  for (const finding of findings) {
    const file = files.find(({ name }) => name === finding.file);
    const { severity, line, column, message, help } = finding;
    const style = severity === 'error' ? 'red' : 'yellow';
    const place = `${visible(file?.path ?? finding.file)}:${line}:${column}`;
    const words = wrap(`${place}: ${severity}: ${visible(message)}`, width).join('\n');
    remark(process, words.replace(`: ${severity}:`, `: ${screen.paint(style, severity)}:`));
    if (file) {
      const [source, mark] = excerpt(file.text, finding, width);
      remark(process, source);
      remark(process, screen.paint(style, mark));
    }
    if (help !== undefined) remark(process, hanging(`help: ${visible(help)}`, width));
  }
}

const MARGIN = 2;

/**
 * The line, and the mark below it. Shows only the part around the mark if the line is longer than the screen.
 */
function excerpt(
  text: string,
  { line, column }: Pick<PolicyFinding, 'line' | 'column'>,
  width: number,
): [source: string, mark: string] {
  const number = String(line);
  const content = [...(text.replace(/^\uFEFF/, '').split('\n')[line - 1] ?? '').replace(/\r$/, '')].map(
    shown,
  );
  const room = width - number.length - MARGIN - 3;
  const first = content.length <= room ? 0 : Math.max(0, column - 1 - Math.floor(room / 3));
  const before = content.slice(first, column - 1).join('');
  const rest = content.slice(column - 1).join('');
  const indent = ' '.repeat(MARGIN);
  const source = `${before}${rest}`.slice(0, room);
  const mark = '^'.repeat(Math.max(1, Math.min(markedLength(rest), room - before.length)));
  return [
    `${indent}${number} | ${source}`,
    `${indent}${' '.repeat(number.length)} | ${' '.repeat(before.length)}${mark}`,
  ];
}

/** A tab takes one place, so that the mark is below the right character. */
function shown(character: string): string {
  return character === '\t' ? ' ' : visible(character);
}

/** A word, a string, or one character. */
function markedLength(text: string): number {
  return /^(?:\w+|"(?:[^"\\]|\\.)*"|.)/.exec(text)?.[0].length ?? 1;
}

function hanging(text: string, width: number): string {
  const indent = ' '.repeat(MARGIN);
  return wrap(text, width - MARGIN)
    .map((line) => `${indent}${line}`)
    .join('\n');
}
