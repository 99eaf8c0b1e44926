// The process for commands, and its end together with the wrapper that started it.
import type { Readable, Writable } from 'node:stream';
import type { CommandContext } from '@stricli/core';
import type { Screen } from './output/screen.ts';
import type { StandardOutput } from './output/standard-output.ts';

/** The part of `NodeJS.Process` that commands use; tests pass their own. */
export interface CliProcess {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean; columns?: number };
  readonly env: NodeJS.ProcessEnv;
  exitCode?: number | string | null | undefined;
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  readonly pid: number;
  readonly ppid: number;
  removeAllListeners(event: 'SIGHUP'): unknown;
  kill(pid: number, signal: 'SIGHUP'): unknown;
  exit(code: number): void;
  /** How a command waits. Default: with a timer. */
  wait?(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

/** What a command function has as `this`. */
export interface CliContext extends CommandContext {
  readonly process: CliProcess;
  /** Says whether what the command printed was written. */
  readonly output: StandardOutput;
  /** What standard output can show. */
  readonly screen: Screen;
}

/**
 * `bin/gatehouse.mjs` and `npm start` run this program in the pinned Node, as a child with a channel. A
 * killed wrapper cannot pass on the signal, but its end closes the channel.
 */
export function exitWithParent(process: NodeJS.Process): void {
  if (process.connected === undefined) return;
  if (!process.connected) process.exit(1);
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
}
