// SIGHUP has two meanings: service managers and operators send it to reload the configuration, and a terminal
// sends it when it is closed.
import { isatty } from 'node:tty';
import type { CliProcess } from './process.ts';

const STDOUT = 1;

export interface HangUpOptions {
  /** Called for each SIGHUP that does not end the process. */
  reload(): void;
  /** Whether standard output still is a terminal. */
  isTerminal?: () => boolean;
}

/** Resolves when the terminal of the process is closed; never if it has none. */
export function terminalClosed(
  process: CliProcess,
  { reload, isTerminal = () => isatty(STDOUT) }: HangUpOptions,
): Promise<void> {
  const hadTerminal = process.stdout.isTTY === true;
  return new Promise((resolve) => {
    process.on('SIGHUP', () => {
      if (hadTerminal && !isTerminal()) resolve();
      else reload();
    });
  });
}

/**
 * Ends the process by the signal itself. On an ordinary exit Node would abort, because it resets the
 * terminal, which no longer exists.
 */
export function endByHangUp(process: CliProcess): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
