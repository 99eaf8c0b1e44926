// When to renew: after two thirds of a certificate's lifetime and a random delay, so that many certificates
// are not renewed at the same time. After a failure it tries again, with growing delays, until the
// certificate has expired.

/** Milliseconds since the epoch. */
export interface Life {
  serial: string;
  /** When it was obtained. Its `notBefore` is earlier, because clocks differ. */
  begin: number;
  end: number;
}

export interface WatchTask {
  /** Reads the certificate from the disk, because another program may have replaced it. */
  read(): Promise<Life>;
  renew(): Promise<void>;
  /** Called once for each certificate, with the time of its renewal in milliseconds since the epoch. */
  waiting(untilMs: number): void;
  /** Called before each wait for another try. */
  failed(error: unknown, retryMilliseconds: number): void;
}

export interface WatchDeps {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Resolves early when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Resolves when the signal is aborted; rejects with the last failure when the certificate has expired. */
export async function watch(task: WatchTask, deps: WatchDeps, signal: AbortSignal): Promise<void> {
  let life = await task.read();
  let jitter = deps.random();
  task.waiting(dueAt(life, jitter));
  for (let failures = 0; !signal.aborted; ) {
    const due = dueAt(life, jitter);
    if (deps.now() < due) {
      await deps.sleep(Math.min(due - deps.now(), MAX_SLEEP_MS), signal);
      if (signal.aborted) return;
    }
    try {
      const found = await readOrRenew(task, deps, { life, jitter });
      if (found.serial !== life.serial) {
        [life, jitter] = [found, deps.random()];
        task.waiting(dueAt(life, jitter));
      }
      if (deps.now() < dueAt(life, jitter)) failures = 0;
    } catch (error) {
      if (deps.now() >= life.end) throw error;
      const wait = retryMilliseconds(failures, deps.random());
      failures += 1;
      task.failed(error, wait);
      await deps.sleep(wait, signal);
    }
  }
}

/** After two thirds of the lifetime, plus up to a twentieth. */
export function dueAt({ begin, end }: Life, jitter: number): number {
  return begin + (end - begin) * (2 / 3 + jitter / 20);
}

/** Timers stop while a machine sleeps, so it checks the clock every minute. */
const MAX_SLEEP_MS = 60_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;

/** Doubles from about a second to about five minutes. */
function retryMilliseconds(failures: number, random: number): number {
  const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 30), LAST_RETRY_MS);
  return Math.round(wait * (0.5 + random / 2));
}

interface Known {
  life: Life;
  jitter: number;
}

/**
 * Renews if the certificate on the disk is still the known one, and due. Returns the lifetime of the
 * certificate that is then on the disk.
 */
async function readOrRenew(task: WatchTask, deps: WatchDeps, { life, jitter }: Known): Promise<Life> {
  const present = await task.read();
  if (present.serial !== life.serial || deps.now() < dueAt(life, jitter)) return present;
  await task.renew();
  const renewed = await task.read();
  if (deps.now() < dueAt(renewed, 0)) return renewed;
  throw new TypeError(
    'the new certificate is due for renewal at once: compare the clocks of this machine and the server',
  );
}
