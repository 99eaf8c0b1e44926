// `npm start` runs the server below a shell. When npm gets a signal, it hands it to that shell, which dies
// without handing it on.
import type { CliProcess } from './process.ts';

const CHECK_MS = 250;

/** Resolves when the parent of a server that `npm start` started has ended: never, for any other server. */
export function shellEnded(process: CliProcess, checkMs = CHECK_MS): Promise<void> {
  if (process.env.npm_lifecycle_event !== 'start') return new Promise(() => {});
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, checkMs).unref();
  });
}
