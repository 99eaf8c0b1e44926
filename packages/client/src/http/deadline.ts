// The limit for a whole request, from the call to the end of the content, with all retries and redirects.
// Combines it with the caller's signal. All requests of a client have the same limit, so one timer is enough.
import { ClientError } from '../errors.ts';
import type { Now } from './now.ts';

/** What ends with the deadline. */
export interface Abortable {
  abort(reason: unknown): void;
}

/** Starts the limit of one request. */
export type StartDeadline = (url: URL, callers: AbortSignal | undefined) => Deadline;

const OWNER = Symbol('deadline');

/** Deadlines after `seconds`. None if this is infinite. */
export function createDeadlines(seconds: number, now: Now): StartDeadline {
  const open = new Set<Deadline>(); // in the order in which they end
  let timer: NodeJS.Timeout | undefined;
  const limitMs = seconds * 1000;
  const arm = () => {
    const [first] = open;
    if (first === undefined) return;
    timer = setTimeout(expire, Math.max(1, first.startedAt + limitMs - now()));
    timer.unref?.(); // a number in browsers
  };
  const expire = () => {
    timer = undefined;
    const startedBefore = now() - limitMs;
    for (const deadline of open) {
      if (deadline.startedAt > startedBefore) break;
      open.delete(deadline);
      deadline.abort(tooLate(seconds, deadline.url.origin));
    }
    arm();
  };
  return (url, callers) => {
    const deadline = new Deadline(now(), url, open);
    if (callers !== undefined) deadline.follow(callers);
    if (Number.isFinite(seconds)) {
      open.add(deadline);
      if (timer === undefined) arm();
    }
    return deadline;
  };
}

/** The limit of one request. */
export class Deadline implements Abortable {
  readonly startedAt: number;
  readonly url: URL;
  readonly #controller = new AbortController();
  readonly #open: Set<Deadline>;
  #work: Abortable | undefined;
  #release: (() => void) | undefined;

  constructor(startedAt: number, url: URL, open: Set<Deadline>) {
    this.startedAt = startedAt;
    this.url = url;
    this.#open = open;
    Object.defineProperty(this.#controller.signal, OWNER, { value: this });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends with the caller's signal. */
  follow(callers: AbortSignal): void {
    if (callers.aborted) this.#controller.abort(callers.reason);
    const abort = () => this.abort(callers.reason);
    callers.addEventListener('abort', abort, { once: true });
    this.#release = () => callers.removeEventListener('abort', abort);
  }

  /** Removes the time limit. The caller's signal still ends the request. */
  lift(): void {
    this.#open.delete(this);
  }

  /** The request is over. */
  end(): void {
    this.lift();
    this.#release?.();
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason); // first, because the errors of the work depend on it
    this.#work?.abort(reason);
  }

  /** Sets `work`, unless there is some already. Returns whether it did. */
  begin(work: Abortable): boolean {
    if (this.#work !== undefined) return false;
    this.#work = work;
    return true;
  }

  finish(work: Abortable): void {
    if (this.#work === work) this.#work = undefined;
  }
}

/** Aborts `work` with the signal, until the returned function is called. */
export function abortWith(signal: AbortSignal, work: Abortable): () => void {
  const owner = (signal as { [OWNER]?: Deadline })[OWNER];
  if (owner?.begin(work)) return () => owner.finish(work);
  const abort = () => work.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

/** Waits for the work of another request, at most until the deadline of this one. */
export async function waitFor<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const release = abortWith(signal, { abort: reject });
  return Promise.race([work, aborted]).finally(release);
}

function tooLate(seconds: number, origin: string): ClientError {
  const cause = Object.assign(new Error('the limit for the whole request passed'), { code: 'TOTAL' });
  const message = `${origin} did not send its whole answer within ${seconds} s: wait longer, or read it as a stream`;
  return new ClientError('timeout', message, { cause });
}
