// The load of our own clients: each connection does one piece of work after another until the time is over.

/** The result of a load of some seconds. */
export interface LoadResult {
  /** Finished pieces of work; for wrk, also those with a bad status. */
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
}

export interface ConnectionLoad {
  connections: number;
  seconds: number;
  signal: AbortSignal;
  /** Called with the reason when a piece of work fails. */
  failed(reason: string): void;
}

// A server that refuses everything must not be asked in a tight loop.
const MOST_ERRORS = 10_000;

/**
 * `work` rejects if its piece failed, which counts as an error and not as work. Rejects when the signal is
 * aborted.
 */
export async function loadConnections(
  { connections, seconds, signal, failed }: ConnectionLoad,
  work: (connection: number) => Promise<void>,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let errors = 0;

  async function workUntilEnd(connection: number): Promise<void> {
    while (performance.now() < end) {
      signal.throwIfAborted();
      const start = performance.now();
      try {
        await work(connection);
        latenciesMs.push(performance.now() - start);
      } catch (error) {
        errors += 1;
        failed(error instanceof Error ? error.message : String(error));
        if (errors > MOST_ERRORS) throw error;
      }
    }
  }

  await Promise.all(Array.from({ length: connections }, (_, connection) => workUntilEnd(connection)));
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return {
    requests: sorted.length,
    requestsPerSecond: sorted.length / ((performance.now() - begin) / 1000),
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    errors,
  };
}

/** The percentile of ascending numbers; NaN without numbers. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
