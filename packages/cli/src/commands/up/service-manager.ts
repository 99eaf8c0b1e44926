// Tells systemd that the server is ready, and that it stops (sd_notify(3)), if a unit with Type=notify
// started it. Node has no Unix datagram sockets, so a program of systemd sends the message, and waits until
// systemd has read it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { remark } from '../../output/print.ts';
import type { CliProcess } from '../../process.ts';

const NOTIFIER = 'systemd-notify';
const TIMEOUT_MS = 5000;

/**
 * Sends assignments such as `READY=1`. Does nothing without a service manager. A message that cannot be sent
 * is only a warning, because the server runs.
 */
export async function notifyServiceManager(process: CliProcess, ...assignments: string[]): Promise<void> {
  const { NOTIFY_SOCKET, PATH = '/usr/bin:/bin' } = process.env;
  if (!NOTIFY_SOCKET) return;
  try {
    await promisify(execFile)(NOTIFIER, assignments, { env: { NOTIFY_SOCKET, PATH }, timeout: TIMEOUT_MS });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no ${NOTIFIER} on the PATH` : message.trim();
    remark(
      process,
      `gatehouse: warning: the server cannot tell systemd ${assignments[0]}, because ${why}; install ${NOTIFIER}, or use Type=exec`,
    );
  }
}
