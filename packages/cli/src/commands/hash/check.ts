// `--check SUMS`: a line for each file that SUMS names, as sha256sum prints it. Exits with 1 if a file
// differs or cannot be read, or if SUMS has no sum of this algorithm.
import { buffer } from 'node:stream/consumers';
import { CliError, exitStatus } from '../../exit-status.ts';
import { decodeText } from '../../input/decode-text.ts';
import { readInput } from '../../input/input-file.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { escapeName, parseSum } from './sum-line.ts';
import { inputOf, type Summer } from './summer.ts';

export interface CheckOptions {
  summer: Summer;
  json: boolean;
}

type State = 'ok' | 'failed' | 'unreadable';

/** Throws `CliError` if there is nothing to check. */
export async function checkSums({ process }: CliContext, path: string, options: CheckOptions): Promise<void> {
  const lines = (await readSums(path, process)).split('\n').filter((line) => line !== '');
  const sums = lines.map((line) => parseSum(line.replace(/\r$/, ''), options.summer.algorithm));
  const results: { file: string; state: State }[] = [];
  for (const entry of sums) {
    if (entry === undefined) continue;
    const state = await stateOf(entry, options.summer, process);
    results.push({ file: entry.file, state });
    if (!options.json) print(process, `${shown(entry.file, process)}: ${WORDS[state]}`);
  }
  if (results.length === 0) throw nothingToCheck(path, options.summer);
  if (options.json) printJson(process, results);
  warn(process, results, lines.length - results.length);
  if (results.some(({ state }) => state !== 'ok')) process.exitCode = exitStatus.failed;
}

const WORDS: Record<State, string> = { ok: 'OK', failed: 'FAILED', unreadable: 'FAILED open or read' };

async function readSums(path: string, process: CliProcess): Promise<string> {
  const octets = path === '-' ? await buffer(process.stdin) : await readInput(path);
  return decodeText(octets, path === '-' ? 'standard input' : path);
}

async function stateOf(
  { sum, file }: { sum: string; file: string },
  { check }: Summer,
  process: CliProcess,
): Promise<State> {
  try {
    return (await check(inputOf(file, process), sum)) ? 'ok' : 'failed';
  } catch {
    return 'unreadable';
  }
}

/** Escapes only line feeds, as sha256sum does. For a terminal, it escapes every control character. */
function shown(file: string, { stdout }: CliProcess): string {
  if (stdout.isTTY) return visible(file);
  return file.includes('\n') ? `\\${escapeName(file)}` : file;
}

function nothingToCheck(path: string, { algorithm }: Summer): CliError {
  const what = `${path} has no sum of ${algorithm}, such as: HEX, two spaces, FILE`;
  return new CliError(exitStatus.failed, `${what}; name its algorithm with --algorithm`);
}

function warn(process: CliProcess, results: readonly { state: State }[], unread: number): void {
  const count = (state: State) => results.filter((result) => result.state === state).length;
  const warnings: [number, string, string][] = [
    [unread, 'line is not a sum', 'lines are not sums'],
    [count('unreadable'), 'file could not be read', 'files could not be read'],
    [count('failed'), 'file does not have its sum', 'files do not have their sums'],
  ];
  for (const [number, one, many] of warnings) {
    if (number > 0) remark(process, `gatehouse: warning: ${number} ${number === 1 ? one : many}`);
  }
}
