// The process as commands see it, and its manners: it ends with the wrapper that started it, and quietly when nobody
// reads its output any more.
import type { Readable, Writable } from 'node:stream';
import type { CommandContext } from '@stricli/core';

/** The part of `NodeJS.Process` that commands use; tests hand in their own. */
export interface CliProcess {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  exitCode?: number | string | null | undefined;
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/** What a command function has as `this`. */
export interface CliContext extends CommandContext {
  readonly process: CliProcess;
}

/**
 * `bin/gatehouse.mjs` and `npm start` run this program in the pinned Node as a child with a channel. A wrapper that is
 * killed cannot pass that on; the end of the channel says it.
 */
export function exitWithParent(process: NodeJS.Process): void {
  if (process.connected === undefined) return;
  if (!process.connected) process.exit(1);
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
}

/** For `gatehouse … | head`: the reader has what it wanted. */
export function endQuietlyOnClosedPipe(process: NodeJS.Process): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}
