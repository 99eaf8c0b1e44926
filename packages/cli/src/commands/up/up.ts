// `gatehouse up`: runs the server in the foreground until SIGTERM or SIGINT. SIGHUP makes it read its
// configuration again.
import type { RunningServer, ServeOptions } from '@gatehouse/server';
import { dataFolder, rememberDataFolder } from '../../connection/data-folder.ts';
import { CliError, exitStatus, fileProblem } from '../../exit-status.ts';
import { endByHangUp, terminalClosed } from '../../hang-up.ts';
import { remark } from '../../output/print.ts';
import { cannotPrint, isClosedPipe, type StandardOutput } from '../../output/standard-output.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { shellEnded } from '../../shell-ended.ts';
import { firstStopSignal } from '../../stop-signal.ts';
import { banner } from './banner.ts';
import { notifyServiceManager } from './service-manager.ts';

export interface UpFlags {
  upstream?: string;
  config?: string;
  data?: string;
  set?: readonly string[];
  acceptRollback?: boolean;
}

export async function up(this: CliContext, flags: UpFlags): Promise<void> {
  const { serve } = await import('@gatehouse/server');
  // Before the server starts, because other commands may follow as soon as it runs.
  await rememberDataFolder(this.process, dataFolder(flags.data, this.process.env));
  await runServer(serve, flags, this);
}

/** The part of the server that this command uses. */
export type Serve = (options: ServeOptions) => Promise<Pick<RunningServer, 'ready' | 'reload' | 'stop'>>;

/** Serves until a signal ends it; rejects when the server cannot start. */
export async function runServer(
  serve: Serve,
  flags: UpFlags,
  { process, output, screen }: CliContext,
  isTerminal?: () => boolean,
): Promise<void> {
  const started = Promise.withResolvers<Pick<RunningServer, 'reload'>>();
  // A reload during the start comes after it.
  const hungUp = terminalClosed(process, {
    ...(isTerminal && { isTerminal }),
    reload: () => void started.promise.then((each) => each.reload()),
  });
  const hasHungUp = hungUp.then(() => true);
  const stopped = Promise.race([firstStopSignal(process), shellEnded(process)]).then(() => false);
  const stopSignal = Promise.race([stopped, hasHungUp]);
  const terminal = process.stdout.isTTY === true;
  const options = { ...flags, set: flags.set ?? [], environment: process.env };
  const server = await serve(options).catch(failToStart);
  started.resolve(server);
  const { ready } = server;
  process.stdout.write(
    terminal ? banner(ready, { ...flags, environment: process.env, screen }) : readyLine(ready),
  );
  await warnOfFailure(process, output);
  await notifyServiceManager(process, 'READY=1', `STATUS=Serving on ${ready.gateway}`);
  const isHungUp = await stopSignal;
  const stopping = notifyServiceManager(process, 'STOPPING=1');
  if (terminal && !isHungUp)
    remark(process, 'Stopping when all requests are finished. Press Ctrl-C again to stop at once.');
  await Promise.all([server.stop(), stopping]);
  if (isHungUp) endByHangUp(process);
}

/** A line like those of the logs. The catalogue of events has its event. */
function readyLine(ready: RunningServer['ready']): string {
  const time = new Date().toISOString();
  const line = { event: 'ready', level: 'info', time, ...ready, message: 'the gateway serves' };
  return `${JSON.stringify(line)}\n`;
}

/** The server's errors have a code and a clear message. Errors about settings are usage errors. */
function failToStart(error: unknown): never {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  const status = error.code.startsWith('config_') ? exitStatus.usage : exitStatus.failed;
  throw new CliError(status, fileProblem(error) ?? error.message, { cause: error });
}

/** If this fails, the server continues: it needs no standard output, because its log is on standard error. */
async function warnOfFailure(process: CliProcess, output: StandardOutput): Promise<void> {
  const failure = await output.takeFailure();
  if (failure === undefined || isClosedPipe(failure)) return;
  remark(process, `gatehouse: warning: ${cannotPrint(failure).message}; the server runs without it`);
}
