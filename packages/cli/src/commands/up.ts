// `gatehouse up`: runs the server in the foreground until SIGTERM or SIGINT. The one command that loads the server.
import type { serve as serveFunction } from '@gatehouse/server';
import { banner } from '../banner.ts';
import { CliError, exitStatus } from '../exit-status.ts';
import { remark } from '../output.ts';
import type { CliContext, CliProcess } from '../process.ts';

export interface UpFlags {
  upstream?: string;
  config?: string;
  data?: string;
  set?: readonly string[];
}

export async function up(this: CliContext, flags: UpFlags): Promise<void> {
  outliveLogReader(this.process);
  const { serve } = await import('@gatehouse/server');
  await runServer(serve, flags, this.process);
}

/** Serves until a signal or the server itself ends it; `process.exitCode` is then 0 after a clean stop. */
export async function runServer(
  serve: typeof serveFunction,
  flags: UpFlags,
  process: CliProcess,
): Promise<void> {
  const stopSignal = firstStopSignal(process);
  const terminal = process.stdout.isTTY === true;
  const write = (line: string) => void process.stdout.write(line.endsWith('\n') ? line : `${line}\n`);
  const server = await serve({
    ...flags,
    set: [...(flags.set ?? [])],
    environment: process.env,
    terminal,
    write,
  }).catch(failToStart);
  write(terminal ? banner(server.ready, flags.data) : JSON.stringify({ event: 'ready', ...server.ready }));
  const stopped = stopSignal.then(async () => {
    if (terminal) remark(process, 'Stopping: finishing what runs. Press Ctrl-C again to stop at once.');
    await server.stop();
    return server.finished;
  });
  process.exitCode = await Promise.race([server.finished, stopped]);
}

/** On a terminal one Ctrl-C arrives as many times as there are wrappers that hand it on, within a moment. */
const SAME_SIGNAL_MILLISECONDS = 500;

/** Resolves at the first SIGTERM or SIGINT; a second one, later, exits at once with 1. */
export function firstStopSignal(process: CliProcess, now = () => performance.now()): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = () => {
      firstAt ??= now();
      resolve();
      if (now() - firstAt > SAME_SIGNAL_MILLISECONDS) process.exit(exitStatus.failed);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** The server's own errors have a code and one good line; those about settings are errors of usage. */
function failToStart(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  const status = error.code.startsWith('config_') ? exitStatus.usage : exitStatus.failed;
  throw new CliError(status, error.message, { cause: error });
}

/** A server does not end because nobody reads its log any more; `main.ts` ends other commands then. */
function outliveLogReader({ stdout }: CliProcess): void {
  stdout.removeAllListeners('error');
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
