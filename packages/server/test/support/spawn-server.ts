// A whole server, in this process, or in a separate process so that its log can be read.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ReadyFacts } from '../../src/index.ts';
import { serve } from '../../src/index.ts';
import type { Answer, Outgoing } from './send.ts';
import { send } from './send.ts';
import type { Scope } from './temporary-folder.ts';

const PROGRAM = fileURLToPath(new URL('./server-process.ts', import.meta.url));
const FREE_PORTS = ['gateway', 'control', 'pki', 'samples'].map((name) => `${name}.listen=127.0.0.1:0`);
/** Discard (RFC 863): no program listens there. */
const NO_UPSTREAM = 'gateway.upstream=http://127.0.0.1:9';

/** Settings for a server in a test: ports that the system chooses, one worker, no sample services. */
export const TEST_SETTINGS: readonly string[] = [...FREE_PORTS, 'gateway.workers=1', NO_UPSTREAM];

export interface ServerCalls {
  ready: ReadyFacts;
  /** Calls the admin API over the data folder's socket, as the local operator. */
  operate(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Calls the control plane over HTTPS. */
  control(outgoing: Outgoing): Promise<Answer>;
  gateway(outgoing: Outgoing): Promise<Answer>;
}

export interface SpawnedServer extends ServerCalls {
  /** Sends SIGTERM and returns the exit code. */
  stop(): Promise<number | null>;
  /** The whole standard error, after the stop. */
  log(): Promise<string>;
}

/** A server in this process, for tests that do not read its log. It starts in half the time. */
export async function startServer(scope: Scope, folder: string): Promise<ServerCalls> {
  const set = [...TEST_SETTINGS, 'log.level=silent'];
  const server = await serve({ data: folder, set, environment: {} });
  scope.after(() => server.stop());
  return callsTo(server.ready, folder);
}

/** Starts a process and returns it with the first line that it prints. */
async function spawnServerProcess(
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

export async function spawnServer(
  scope: Scope,
  folder: string,
  set: readonly string[] = [],
): Promise<SpawnedServer> {
  const { child, said, log } = await spawnServerProcess(scope, folder, set);
  if (!('gateway' in said)) throw new Error(`the server did not start: ${said.message}`);
  const ready = said as unknown as ReadyFacts;
  return {
    ...callsTo(ready, folder),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      return (await exited)[0] as number | null;
    },
    log: () => log,
  };
}

function callsTo(ready: ReadyFacts, folder: string): ServerCalls {
  const ca = readFileSync(ready.rootCertificate, 'utf8');
  const over = (origin: string) => (outgoing: Outgoing) =>
    send({ ...outgoing, url: `${origin}${outgoing.path ?? '/'}`, ca });
  return {
    ready,
    operate: (method, path, body) => send({ socketPath: join(folder, 'control.sock'), method, path, body }),
    control: over(ready.control),
    gateway: over(ready.gateway),
  };
}
