// Programs that the benchmark starts. It ends each by its process ids, and reports the reason if one ended by
// itself. They do not get Gatehouse's variables, because a setting in the environment must not change the
// measurement.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOn } from './cores.ts';
import { processTree } from './process-usage.ts';

export interface RunningProgram {
  readonly pid: number;
  /** Throws if the program has ended, with its last output. */
  assertRunning(): void;
}

export interface ProgramStart {
  command: string;
  args: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** In the form of taskset; default: those of this process. */
  cores?: string | undefined;
  /** Standard output is written to this file, like a log. */
  outputFile?: string | undefined;
}

const OUTPUT_KEPT_CHARACTERS = 2000;
const GRACE_MS = 5000;

/** Starts a program that `stack` will end: SIGTERM first, then SIGKILL for the rest of its process tree. */
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
    // A reused process id has another start time.
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
