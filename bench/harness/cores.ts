// Assigns cores to a contender, and others to its load and its upstream, by taskset(1). Otherwise the
// scheduler would move the load to the core of the contender.
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { requireProgram } from './installed-program.ts';

/** One core for each contender, or all cores of the machine. */
export type CoreChoice = 'one' | 'all';

export interface CoreLayout {
  /** The cores of a contender, in the form of taskset; undefined: no limit. */
  contender: string | undefined;
  /** Worker threads or processes of each contender. */
  workers: number;
  /** For the report. */
  words: string;
}

/**
 * Moves this process to its cores, and so the load and the upstream that it starts. `stack` moves it back.
 * Throws on a machine with one core if a contender needs a separate core.
 */
export function layOutCores(choice: CoreChoice, stack: AsyncDisposableStack): CoreLayout {
  const count = cpus().length;
  const all = `0-${count - 1}`;
  if (choice === 'all') {
    return { contender: undefined, workers: count, words: `all ${count} cores and ${count} workers each` };
  }
  if (count < 2) throw new Error('one core for a contender and one for the load: this machine has only one');
  moveThisProcess(`1-${count - 1}`);
  stack.defer(() => moveThisProcess(all));
  return {
    contender: '0',
    workers: 1,
    words: 'one core and one worker each, load and upstream on the others',
  };
}

/** The command and its arguments, limited to `cores` if there are any. */
export function commandOn(
  cores: string | undefined,
  [command, ...args]: readonly [string, ...string[]],
): [command: string, args: string[]] {
  return cores === undefined ? [command, args] : [requireProgram('taskset'), ['-c', cores, command, ...args]];
}

function moveThisProcess(cores: string): void {
  const args = ['--all-tasks', '--cpu-list', '--pid', cores, String(process.pid)];
  const { status, stderr } = spawnSync(requireProgram('taskset'), args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`taskset cannot move the benchmark to the cores ${cores}: ${stderr.trim()}`);
}
