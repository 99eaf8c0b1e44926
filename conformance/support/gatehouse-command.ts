// The product as its users run it: the command `gatehouse`, in separate processes.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { adminOf } from './admin-api.ts';
import { ask } from './https-client.ts';
import { PROGRAM, SERVER } from './program.ts';
import { ONE_WORKER, USUAL_TRANSPORT } from './transports.ts';

/** Only for processes that hang, because a busy machine is slow. */
const TIMEOUT_MS = 100_000;

/** The outcome of a command. `status` is null when a signal ended it. */
export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** Standard input. */
  input?: string | Buffer;
  /** Variables in addition to those of this process. Gatehouse's own variables are removed. */
  environment?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The time after which it is ended; default: 100 s. */
  timeoutMs?: number;
}

/**
 * Runs `gatehouse` with these arguments to its end, in the runtime of the tests, which is the pinned one. The
 * file that npm links only finds this runtime, which would double the time.
 */
export async function gatehouse(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], options);
}

/** The single line of standard error. Fails if there are more. */
export function oneLine({ stderr }: Outcome): string {
  assert.match(stderr, /^[^\n]+\n$/);
  return stderr.trimEnd();
}

/** Runs any program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  { input = '', environment = {}, cwd, timeoutMs = TIMEOUT_MS }: CommandOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd,
    env: { ...ownEnvironment(), ...environment },
    timeout: timeoutMs,
  });
  // A program that refuses its arguments does not read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

export interface UpOptions extends CommandOptions {
  /** Default: the program under test, in the runtime of the tests. */
  program?: string;
  upstream?: string;
  config?: string;
  /** Default: a new one, removed at the stop. */
  data?: string;
  /** `KEY=VALUE` settings other than the listeners. */
  set?: readonly string[];
  /** Default: false. */
  acceptRollback?: boolean;
}

/** The members of the line with `"event":"ready"` that tests use. */
export interface Ready {
  gateway: string;
  control: string;
  pki: string;
  samples: string | null;
  /** Path of root.pem. */
  rootCertificate: string;
  rootFingerprint: string;
  configuration: { file: string | null; digest: string | null; routes: number; upstreams: number };
}

export interface End {
  status: number | null;
  signal: NodeJS.Signals | null;
}

export interface Up {
  ready: Ready;
  /** The gateway's port. */
  port: number;
  controlPort: number;
  data: string;
  /** PEM of the root certificate. */
  ca: string;
  /** The process that was started. With another `program`, the one that serves may be its child. */
  wrapper: ChildProcess;
  /** The process that serves. */
  pid: number;
  stderr(): string;
  /** A management command on this data folder. */
  command(args: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /** The output of a management command with --json. Throws if it fails. */
  json<T>(...args: string[]): Promise<T>;
  /** A new API key. */
  key(...roles: string[]): Promise<string>;
  ended: Promise<End>;
  /** Sends SIGTERM if the server is running. Removes the data folder unless it was given. */
  stop(): Promise<void>;
}

/**
 * Starts `gatehouse up` on free ports of 127.0.0.1. Rejects with its standard error if it ends before it is
 * ready.
 */
export async function up(options: UpOptions = {}): Promise<Up> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'gatehouse-up-'));
  const discard = () => {
    if (options.data === undefined) rmSync(data, { recursive: true, force: true });
  };
  return start({ ...options, data }, discard).catch((error: unknown) => {
    discard();
    throw error;
  });
}

async function start(options: UpOptions & { data: string }, discard: () => void): Promise<Up> {
  const { data } = options;
  const [program = '', ...words] = options.program === undefined ? SERVER : [options.program];
  const set = [ONE_WORKER, ...(options.set ?? [])];
  const wrapper = spawn(program, [...words, 'up', ...upArguments({ ...options, set })], {
    cwd: options.cwd ?? data,
    env: { ...ownEnvironment(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(wrapper);
  let stderr = '';
  wrapper.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const lost = ended.then(() => Promise.reject(new Error(`gatehouse up ended: ${stderr}`)));
  // After the start, the end of the process is an ordinary event.
  lost.catch(() => {});
  const ready = await Promise.race([readyFacts(wrapper), lost]);
  const { pid } = JSON.parse(readFileSync(join(data, 'control.json'), 'utf8')) as { pid: number };
  return {
    ready,
    port: Number(new URL(ready.gateway).port),
    controlPort: Number(new URL(ready.control).port),
    data,
    ca: readFileSync(ready.rootCertificate, 'utf8'),
    wrapper,
    pid,
    stderr: () => stderr,
    ...commandsOn(data),
    ended,
    async stop() {
      if (wrapper.exitCode === null && wrapper.signalCode === null) wrapper.kill('SIGTERM');
      await ended;
      discard();
    },
  };
}

function commandsOn(data: string): Pick<Up, 'command' | 'json' | 'key'> {
  let keys = 0;
  const command: Up['command'] = (args, options) => {
    const option = args[0] === 'request' ? '--data-folder' : '--data';
    return gatehouse([...args, option, data], options);
  };
  const json = async <T>(...args: string[]): Promise<T> => {
    const { status, stdout, stderr } = await command([...args, '--json']);
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return {
    command,
    json,
    // Does not use the command, because its process takes most of a second.
    async key(...roles) {
      keys += 1;
      return String((await adminOf(data)('POST', '/admin/keys', { name: `key-${keys}`, roles })).key);
    },
  };
}

/** The arguments after `up`, with every listener on a free port unless `set` says otherwise. */
export function upArguments({
  upstream,
  config,
  data,
  set = [],
  acceptRollback = false,
}: UpOptions): string[] {
  const listeners = ['gateway', 'control', 'pki', 'samples'].map((name) => `${name}.listen=127.0.0.1:0`);
  return [
    ...(upstream === undefined ? [] : ['--upstream', upstream]),
    ...(config === undefined ? [] : ['--config', config]),
    ...(data === undefined ? [] : ['--data', data]),
    ...(acceptRollback ? ['--accept-rollback'] : []),
    ...[...listeners, ...USUAL_TRANSPORT, ...set].flatMap((pair) => ['--set', pair]),
  ];
}

/** Resolves when the process and its output have ended. A test that fails midway does not leave it behind. */
function endOf(wrapper: ChildProcess): Promise<End> {
  const kill = () => wrapper.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    wrapper.once('error', reject);
    wrapper.once('close', (status, signal) => {
      process.off('exit', kill);
      resolve({ status, signal });
    });
  });
}

function readyFacts({ stdout }: { stdout: Readable }): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface(stdout).on('line', (line) => {
      if (line.includes('"event":"ready"')) resolve(JSON.parse(line) as Ready);
    });
  });
}

/** The largest memory of the serving process so far, in bytes; undefined if the system does not report it. */
export function peakMemoryBytes({ pid }: Up): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))?.[1]) * 1024;
}

/** An access token for a person. */
export async function signIn(server: Up, username: string, password: string): Promise<string> {
  const { status, text, json } = await ask({
    port: server.controlPort,
    ca: server.ca,
    path: '/auth/login',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  assert.equal(status, 200, text());
  return String(json().access_token);
}

/** A folder that replaces the user's own files, for all commands of this process. */
const configFolder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
process.on('exit', () => rmSync(configFolder, { recursive: true, force: true }));

function ownEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string) => name.startsWith('GATEHOUSE_') || name === 'SECRET_KEY';
  const own = Object.entries(process.env).filter(([name]) => !isOurs(name));
  return { ...Object.fromEntries(own), XDG_CONFIG_HOME: configFolder };
}
