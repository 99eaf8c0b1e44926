// Starts Gatehouse by its own command line, like a user, and creates an administrator's API key over the
// socket in its data folder. It can start another checkout, so that two builds are measured together.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { poll } from './poll.ts';
import type { RunningProgram } from './running-program.ts';
import { startProgram } from './running-program.ts';

export interface GatehouseSite {
  /** Does not remove existing data: a second start finds the data of the first. */
  folder: string;
  signal: AbortSignal;
  stack: AsyncDisposableStack;
  /** The checkout to start; default: this one. */
  checkout?: string | undefined;
  /** In the form of taskset; default: those of this process. */
  cores?: string | undefined;
}

export interface StartedGatehouse {
  program: RunningProgram;
  /** PEM. */
  root: string;
  /** Path of the socket. */
  socket: string;
  /** URLs. */
  control: string;
  pki: string;
}

/** `settings` come before the common settings: free ports on loopback, no access log. */
export async function startGatehouse(
  { folder, signal, stack, cores, checkout = THIS_CHECKOUT }: GatehouseSite,
  settings: object,
): Promise<StartedGatehouse> {
  const file = join(folder, 'gatehouse.config.json');
  const data = dataFolder(folder);
  writeFileSync(file, JSON.stringify({ ...COMMON, ...settings }));
  const args = [join(checkout, COMMAND), 'up', '--config', file, '--data', data];
  const program = startProgram({ command: process.execPath, args, cores }, stack);
  const controlFile = join(data, 'control.json');
  await poll(
    () => {
      program.assertRunning();
      return existsSync(controlFile);
    },
    { what: 'the start of Gatehouse', signal },
  );
  const { rootCertificate, ...rest }: ControlFile = JSON.parse(readFileSync(controlFile, 'utf8'));
  return { program, root: readFileSync(rootCertificate, 'utf8'), ...rest };
}

export function dataFolder(folder: string): string {
  return join(folder, 'data');
}

const THIS_CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = 'packages/cli/bin/gatehouse.mjs';
const ANYWHERE = { listen: '127.0.0.1:0' };
const COMMON = {
  gateway: ANYWHERE,
  control: ANYWHERE,
  pki: ANYWHERE,
  samples: ANYWHERE,
  log: { access: 'none', level: 'warn' },
};

/** The file of the running server in its data folder. */
interface ControlFile {
  socket: string;
  /** A path. */
  rootCertificate: string;
  control: string;
  pki: string;
}

/** An API key of the role `admin`, created over the socket. The file permissions are the credential. */
export async function createAdminKey(socketPath: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const call = request(
    { socketPath, path: '/admin/keys', method: 'POST', headers: { 'Content-Type': 'application/json' } },
    (answer) => void json(answer).then(resolve, reject),
  );
  call.on('error', reject);
  call.end(JSON.stringify({ name: 'benchmark', roles: ['admin'] }));
  const { key } = (await promise) as { key?: unknown };
  if (typeof key !== 'string') throw new Error(`Gatehouse made no API key: ${JSON.stringify(await promise)}`);
  return key;
}
