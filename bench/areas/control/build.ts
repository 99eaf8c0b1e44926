// A build of Gatehouse: a checkout with its packages installed. It is started by its own command line, like
// by a user, so that two versions can be measured together.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { poll } from '../../harness/poll.ts';
import { cpuSecondsOf } from '../../harness/process-usage.ts';
import type { RunningProgram } from '../../harness/running-program.ts';
import { startProgram } from '../../harness/running-program.ts';

export interface Build {
  /** Its name in the table. */
  name: string;
  /** Absolute. */
  checkout: string;
  commit: string;
}

export interface BuildSite {
  data: string;
  /** URL to which the gateway forwards. */
  upstream: string;
  signal: AbortSignal;
  /** Ends the program. */
  stack: AsyncDisposableStack;
}

export interface StartedBuild {
  program: RunningProgram;
  /** Of the process that serves. The program is the command that started it. */
  pid: number;
  /** Path of the admin API's Unix socket. */
  socket: string;
  gatewayPort: number;
  /** PEM of the root certificate. */
  root: string;
  /** From the start of the command until it is ready. */
  startSeconds: number;
  /** Processor time of all processes until then. */
  startCpuSeconds: number;
}

const COMMAND = 'packages/cli/bin/gatehouse.mjs';
const LISTENERS = ['gateway', 'control', 'pki'];
const QUIET = ['log.access=none', 'log.level=warn'];
const READY_PAUSE_MS = 5;
// A start with many principals may take long, and its time is measured, so the limit is high.
const START_LIMIT_MS = 300_000;

/** Throws unless it is an installed checkout. */
export function buildAt(name: string, folder: string): Build {
  const checkout = resolve(folder);
  for (const part of [COMMAND, 'node_modules']) {
    if (existsSync(join(checkout, part))) continue;
    throw new Error(`${checkout} has no ${part}: give a checkout of Gatehouse in which "npm ci" was run`);
  }
  const commit = execFileSync('git', ['-C', checkout, 'describe', '--always', '--dirty'], {
    encoding: 'utf8',
  });
  return { name, checkout, commit: commit.trim() };
}

export async function startBuild(
  { name, checkout }: Build,
  { data, upstream, signal, stack }: BuildSite,
): Promise<StartedBuild> {
  const settings = [...LISTENERS.map((listener) => `${listener}.listen=127.0.0.1:0`), ...QUIET];
  const options = ['--data', data, '--upstream', upstream, ...settings.flatMap((pair) => ['--set', pair])];
  const begin = performance.now();
  const program = startProgram({ command: join(checkout, COMMAND), args: ['up', ...options] }, stack);
  const file = join(data, 'control.json');
  await poll(
    () => {
      program.assertRunning();
      return existsSync(file);
    },
    { what: `the start of ${name}`, signal, pauseMs: READY_PAUSE_MS, limitMs: START_LIMIT_MS },
  );
  const startSeconds = (performance.now() - begin) / 1000;
  const startCpuSeconds = cpuSecondsOf(program.pid);
  const { pid, socket, gateway, rootCertificate } = JSON.parse(readFileSync(file, 'utf8')) as ControlFile;
  return {
    program,
    pid,
    socket,
    gatewayPort: Number(new URL(gateway).port),
    root: readFileSync(rootCertificate, 'utf8'),
    startSeconds,
    startCpuSeconds,
  };
}

/** The file that the running server writes to its data folder. */
interface ControlFile {
  pid: number;
  socket: string;
  /** URL. */
  gateway: string;
  /** A path. */
  rootCertificate: string;
}
