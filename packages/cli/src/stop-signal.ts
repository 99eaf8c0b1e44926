// The signals that end a command which otherwise runs on.
import { exitStatus } from './exit-status.ts';
import type { CliProcess } from './process.ts';

/** On a terminal, one Ctrl-C arrives several times within a moment, because each wrapper passes it on. */
const SAME_SIGNAL_MILLISECONDS = 500;

/** Resolves at the first SIGTERM or SIGINT. A later second one exits at once with 1. */
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
