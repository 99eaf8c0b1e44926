// Programs that the benchmark starts: each is ended by its own process ids, and says why when it ended by itself. None of them sees
// Gatehouse's variables: a setting in the environment must not change what is measured.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
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
}

const OUTPUT_KEPT_CHARACTERS = 2000;
const GRACE_MS = 5000;

/** Starts a program that `stack` will end: SIGTERM first, SIGKILL for whatever is left of its process tree. */
export function startProgram(start: ProgramStart, stack: AsyncDisposableStack): RunningProgram {
  const { command, args, environment } = start;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
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
  child.stdout.setEncoding('utf8').on('data', say);
  child.stderr.setEncoding('utf8').on('data', say);
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
      if (!running) throw new Error(`${command} has ended by itself: ${output.trim() || 'it said nothing'}`);
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
    // A process id that was given out anew has another start time.
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
