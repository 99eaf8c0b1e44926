// So many at once, so many more in a queue, and no more.
import { AcmeError } from './problem.ts';

export interface Limiter {
  /** Runs `act` when there is room. Throws `rateLimited` when the queue is full. */
  run<T>(act: () => Promise<T>): Promise<T>;
}

const RETRY_AFTER_SECONDS = 5;

export function createLimiter(atOnce: number, maxWaiting: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (waiting.length >= maxWaiting) {
      throw new AcmeError('rateLimited', 'Too many validations are under way: try again soon.', {
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      });
    }
    // Whoever leaves hands its place over.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async run(act) {
      await enter();
      try {
        return await act();
      } finally {
        leave();
      }
    },
  };
}
