// A process for tests: streams in memory, signals from the test, and an exit that is only recorded.
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runApplication } from '../src/application.ts';
import { createScreen } from '../src/output/screen.ts';
import { watchOutput } from '../src/output/standard-output.ts';
import type { CliContext, CliProcess } from '../src/process.ts';

export interface FakeProcess extends CliProcess {
  readonly written: { stdout: Buffer; stderr: string };
  readonly exits: number[];
  /** The signals that the process sent to itself. */
  readonly kills: string[];
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void;
}

export interface FakeProcessOptions {
  stdin?: string | Buffer;
  env?: NodeJS.ProcessEnv;
  terminal?: boolean;
  /** The width of that terminal. */
  columns?: number;
  /** Replaces the clock. */
  wait?: CliProcess['wait'];
  /** The system's error code for every write to standard output. */
  brokenOutput?: string;
}

const CLONE = join(import.meta.dirname, '../../..');

/** Replaces the home folder of the person who runs the tests. */
const home = mkdtempSync(join(tmpdir(), 'gatehouse-home-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** The clone may contain the data folder of a real server. */
function ofClone(): NodeJS.ProcessEnv {
  return process.cwd() === CLONE ? { GATEHOUSE_DATA: join(home, '.gatehouse') } : {};
}

export function createFakeProcess({
  stdin = '',
  env = {},
  terminal = false,
  columns = 80,
  brokenOutput,
  wait,
}: FakeProcessOptions = {}): FakeProcess {
  const signals = new EventEmitter();
  const stdout = createSink(brokenOutput);
  const stderr = createSink();
  const exits: number[] = [];
  const kills: string[] = [];
  return {
    stdin: Object.assign(Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)]), {
      isTTY: terminal,
      setRawMode: () => {},
    }),
    stdout: Object.assign(stdout.stream, { isTTY: terminal, columns }),
    stderr: Object.assign(stderr.stream, { isTTY: terminal, columns }),
    env: { ...(env.HOME === undefined && { XDG_CONFIG_HOME: home, ...ofClone() }), ...env },
    ...(wait && { wait }),
    on: (event, listener) => signals.on(event, listener),
    pid: 1,
    ppid: 2,
    removeAllListeners: (event) => signals.removeAllListeners(event),
    kill: (_pid, signal) => kills.push(signal),
    kills,
    exit: (code) => void exits.push(code),
    exits,
    signal: (name) => void signals.emit(name),
    get written() {
      return { stdout: stdout.content(), stderr: stderr.content().toString() };
    },
  };
}

/** The `this` of a command. */
export function contextOf(process: FakeProcess): CliContext {
  return { process, output: watchOutput(process), screen: createScreen(process.stdout, process.env) };
}

export interface Outcome {
  status: unknown;
  stdout: string;
  stderr: string;
}

/** Runs a command line to its end. */
export async function gatehouse(args: string[], options?: FakeProcessOptions): Promise<Outcome> {
  const process = createFakeProcess(options);
  await runApplication(args, process);
  const { stdout, stderr } = process.written;
  return { status: process.exitCode, stdout: stdout.toString(), stderr };
}

function createSink(failure?: string): { stream: Writable; content(): Buffer } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (failure !== undefined) return done(Object.assign(new Error(failure), { code: failure }));
      chunks.push(chunk);
      done();
    },
  });
  return { stream, content: () => Buffer.concat(chunks) };
}
