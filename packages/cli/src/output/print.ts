// Prints the output of commands: the answer on standard output (a list, or one JSON document with --json),
// remarks on standard error. Names and details may come from strangers, so control characters are printed as
// harmless text.
import type { CliProcess } from '../process.ts';

/**
 * Replaces control characters, and characters that reorder text or are invisible (Unicode TR 36 §3), by
 * `\uXXXX`. In JSON these are the escapes of RFC 8259 §7, so the document has the same meaning.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character.split('').map(escaped).join(''),
  );
}

/** `unit`: of UTF-16. A character beyond U+FFFF has two (RFC 8259 §7). */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function print(process: CliProcess, text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON document on one line. */
export function printJson(process: CliProcess, value: unknown): void {
  print(process, jsonText(value));
}

export function jsonText(value: unknown): string {
  return visible(JSON.stringify(value));
}

/** A remark for people, not for programs that read standard output. */
export function remark(process: CliProcess, text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Before a command reads standard input because no file was named: on a terminal, it seems to hang. */
export function sayThatItReads(process: CliProcess): void {
  if (process.stdin.isTTY) remark(process, 'Reading what you type, until Ctrl-D. To read a file, name it.');
}

/** A possible mistake that the server reports, although it did what the command asked for. */
export function printWarnings(
  process: CliProcess,
  { warnings = [] }: { warnings?: readonly string[] },
): void {
  for (const warning of warnings) remark(process, `gatehouse: warning: ${visible(warning)}`);
}

/** One value for people: `-` for none, lists with commas, other values as JSON. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(', ');
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}
