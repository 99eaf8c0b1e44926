// A server in its own process, so that it can be killed and its log read.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ReadyFacts } from '../../src/index.ts';
import type { Answer, Outgoing } from './send.ts';
import { send } from './send.ts';
import type { Scope } from './temporary-folder.ts';

const PROGRAM = fileURLToPath(new URL('./server-process.ts', import.meta.url));
const REFUSED_STARTS = fileURLToPath(new URL('./refused-starts.ts', import.meta.url));
const FREE_PORTS = ['gateway', 'control', 'pki', 'samples'].map((name) => `${name}.listen=127.0.0.1:0`);
/** Discard (RFC 863): no program listens there. */
const NO_UPSTREAM = 'gateway.upstream=http://127.0.0.1:9';

/** Settings for a server in a test: ports that the system chooses, one worker, no sample services. */
export const TEST_SETTINGS: readonly string[] = [...FREE_PORTS, 'gateway.workers=1', NO_UPSTREAM];

export interface SpawnedServer {
  ready: ReadyFacts;
  folder: string;
  child: ChildProcess;
  /** Calls the admin API over the data folder's socket, as the local operator. */
  operate(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls the control plane over HTTPS. */
  control(outgoing: Outgoing): Promise<Answer>;
  gateway(outgoing: Outgoing): Promise<Answer>;
  /** Sends SIGTERM and returns the exit code. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  /** The whole standard error, after the stop. */
  log(): Promise<string>;
}

/** Starts a process and returns it with the first line that it prints. */
export async function spawnServerProcess(
  scope: Scope,
  folder: string,
  set: readonly string[] = [],
): Promise<{ child: ChildProcess; said: Record<string, unknown>; log: Promise<string> }> {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--expose-gc',
    PROGRAM,
    folder,
    ...TEST_SETTINGS,
    ...set,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  scope.after(() => void child.kill('SIGKILL'));
  const log = text(child.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said: JSON.parse(line), log };
}

export interface RefusedStart {
  code?: string;
  message: string;
}

/** Runs starts with these settings, which must fail, in one process, which then ends by itself. */
export async function refusedStarts(
  folder: string,
  settings: readonly string[],
): Promise<{ said: RefusedStart[]; status: number | null; log: string }> {
  const sets = settings.map((set) => [...TEST_SETTINGS, set]);
  const args = ['--disable-warning=ExperimentalWarning', REFUSED_STARTS, folder, JSON.stringify(sets)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [[status], stdout, log] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  const said = stdout.trimEnd().split('\n');
  return { said: said.map((line) => JSON.parse(line) as RefusedStart), status, log };
}

export async function spawnServer(
  scope: Scope,
  folder: string,
  set: readonly string[] = [],
): Promise<SpawnedServer> {
  const { child, said, log } = await spawnServerProcess(scope, folder, set);
  if (!('gateway' in said)) throw new Error(`the server did not start: ${said.message}`);
  const ready = said as unknown as ReadyFacts;
  const ca = readFileSync(ready.rootCertificate, 'utf8');
  const over = (origin: string) => (outgoing: Outgoing) =>
    send({ ...outgoing, url: `${origin}${outgoing.path ?? '/'}`, ca });
  const end = async (signal: NodeJS.Signals) => {
    const exited = once(child, 'exit');
    child.kill(signal);
    return (await exited)[0] as number | null;
  };
  return {
    ready,
    folder,
    child,
    operate: (method, path, body) => send({ socketPath: join(folder, 'control.sock'), method, path, body }),
    control: over(ready.control),
    gateway: over(ready.gateway),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    log: () => log,
  };
}
