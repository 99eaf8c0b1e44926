// The limit for a whole request, from the call to the end of the content, with all retries and redirects. Joins
// it with the caller's signal.
import { ClientError } from '../errors.ts';

export interface Deadline {
  signal: AbortSignal;
  /** No limit any more; the caller's signal still counts. */
  lift(): void;
  /** The request is over. */
  end(): void;
}

/** Starts now. Without `seconds` there is no limit. */
export function startDeadline(seconds: number, origin: string, callers: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const abort = () => controller.abort(callers?.reason);
  if (callers?.aborted) abort();
  callers?.addEventListener('abort', abort, { once: true });
  const timer = Number.isFinite(seconds)
    ? setTimeout(() => controller.abort(tooLate(seconds, origin)), seconds * 1000)
    : undefined;
  timer?.unref();
  const lift = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    lift,
    end() {
      lift();
      callers?.removeEventListener('abort', abort);
    },
  };
}

function tooLate(seconds: number, origin: string): ClientError {
  const cause = Object.assign(new Error('the limit for the whole request passed'), { code: 'TOTAL' });
  return new ClientError(
    'timeout',
    `${origin} did not answer whole within ${seconds} s: wait longer, or read it as a stream`,
    {
      cause,
    },
  );
}
