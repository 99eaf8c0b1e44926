// Answers dns-01 challenges (RFC 8555 §8.4) by a program of the operator: `HOOK set|clear NAME VALUE`. It
// runs without a shell, must end within two minutes, and should return when the record is visible. If it
// takes too long, the server kills it and the processes that it has started.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { OrderFailure, oneLine } from '../failure.ts';
import type { Answerer } from './challenge.ts';

export interface HookRun {
  hook: string;
  action: 'set' | 'clear';
  /** `_acme-challenge.shop.example.com` */
  name: string;
  value: string;
}

/** How long a hook may run. */
export interface HookLimits {
  timeoutMs: number;
  /** How long it may take to clear the record when the server stops during the order. */
  lastMs: number;
}

// Together with the drain of the gateway, this must be less than the ten seconds for a stop of the server.
const LIMITS: HookLimits = { timeoutMs: 120_000, lastMs: 1500 };
const MAX_OUTPUT = 4096;
const OUTPUT_GRACE_MS = 1000;

/** `environment`: the variables of the hook, without our own. */
export function createDnsAnswerer(
  hook: string,
  environment: NodeJS.ProcessEnv,
  { timeoutMs, lastMs }: HookLimits = LIMITS,
): Answerer {
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('GATEHOUSE_')),
  );
  return async ({ name, keyAuthorization }, signal) => {
    const record = {
      hook,
      name: `_acme-challenge.${name}`,
      value: hash('sha256', keyAuthorization, 'base64url'),
    };
    const clear = () =>
      run(
        { ...record, action: 'clear' },
        { env, signal: AbortSignal.any([later(signal, lastMs), AbortSignal.timeout(timeoutMs)]) },
      );
    try {
      await run(
        { ...record, action: 'set' },
        { env, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
      );
    } catch (error) {
      // The hook may have written a part of the record.
      await clear().catch(() => {});
      throw error;
    }
    return clear;
  };
}

/** A signal that aborts so many milliseconds after `signal`. */
function later(signal: AbortSignal, milliseconds: number): AbortSignal {
  const control = new AbortController();
  const begin = () => setTimeout(() => control.abort(), milliseconds).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return control.signal;
}

async function run({ hook, action, name, value }: HookRun, { env, signal }: RunOptions): Promise<void> {
  if (signal.aborted) throw failure(hook, action, TOO_LONG);
  // It leads a process group, so the server can also end the processes that it has started.
  const child = spawn(hook, [action, name, value], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const kill = () => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    if (complaint.length < MAX_OUTPUT) complaint += text.toString('utf8');
  });
  const [code, killed] = await once(child, 'exit')
    .catch((error: NodeJS.ErrnoException) => {
      throw failure(hook, action, reasonOf(error), error);
    })
    .finally(() => signal.removeEventListener('abort', kill));
  if (code === 0) return;
  if (signal.aborted) throw failure(hook, action, TOO_LONG);
  // A process that the hook has started may hold its output open.
  if (!child.stderr.closed) await Promise.race([once(child.stderr, 'close'), delay(OUTPUT_GRACE_MS)]);
  const end = code === null ? `it was ended by ${killed}` : `it ended with ${code}`;
  throw failure(hook, action, complaint === '' ? end : `${end}: ${oneLine(complaint)}`);
}

interface RunOptions {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

/** After the end of a hook, its group still exists if one of its processes runs. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has no more processes.
  }
}

const TOO_LONG = 'it took too long';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'this user may not run it',
  ENOEXEC: 'it is not a program: a script begins with #! and the path of its interpreter',
};

function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  return REASONS[code] ?? message;
}

function failure(hook: string, action: HookRun['action'], reason: string, cause?: unknown): OrderFailure {
  return new OrderFailure(`The hook ${hook} cannot ${action} the record: ${reason}.`, { cause });
}
