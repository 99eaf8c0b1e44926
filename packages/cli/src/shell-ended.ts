// `npm start` runs the server in a shell. When npm gets a signal, it sends it to that shell, which ends
// without passing it on.
import type { CliProcess } from './process.ts';

const CHECK_MS = 250;

/**
 * For a server that `npm start` started, resolves when its parent has ended. Never resolves for any other
 * server.
 */
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
