// Programs that the benchmark starts: each is ended by its own process ids, and says why when it ended by
// itself. None of them sees Gatehouse's variables: a setting in the environment must not change what is
// measured.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOn } from './cores.ts';
import { processTree } from './process-usage.ts';

export interface RunningProgram {
  readonly pid: number;
  /** Throws when the program has ended, with the last that it said. */
  assertRunning(): void;
}

export interface ProgramStart {
  command: string;
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** As taskset names them; default: those of this process. */
  cores?: string | undefined;
  /** Standard output goes to this file, as a log does. */
  outputFile?: string | undefined;
}

const OUTPUT_KEPT_CHARACTERS = 2000;
const GRACE_MS = 5000;

/**
 * Starts a program that `stack` will end: SIGTERM first, SIGKILL for whatever is left of its process tree.
 */
export function startProgram(start: ProgramStart, stack: AsyncDisposableStack): RunningProgram {
  const { command, args, environment, cores, outputFile } = start;
  const child = spawn(...commandOn(cores, [command, ...args]), {
    stdio: ['ignore', outputFile === undefined ? 'pipe' : openSync(outputFile, 'a'), 'pipe'],
    env: { ...withoutSettings(process.env), ...environment },
  });
  const exited = Promise.withResolvers<void>();
  let running = true;
  let output = '';
  const say = (text: string) => {
    output = (output + text).slice(-OUTPUT_KEPT_CHARACTERS);
  };
  const end = () => {
    running = false;
    exited.resolve();
  };
  for (const output of [child.stdout, child.stderr]) output?.setEncoding('utf8').on('data', say);
  child.on('exit', end);
  child.on('error', (error) => {
    say(error.message);
    end();
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  stack.defer(() => endTree(pid, exited.promise));
  return {
    pid,
    assertRunning() {
      if (!running) throw new Error(`${command} exited by itself: ${output.trim() || 'without output'}`);
    },
  };
}

function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GATEHOUSE_')));
}

async function endTree(pid: number, exited: Promise<void>): Promise<void> {
  const tree = processTree(pid);
  send(pid, 'SIGTERM');
  await Promise.race([exited, delay(GRACE_MS, undefined, { ref: false })]);
  for (const { pid: left, startedAt } of tree) {
    // A process id that was used again has another start time.
    if (processTree(left)[0]?.startedAt === startedAt) send(left, 'SIGKILL');
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
