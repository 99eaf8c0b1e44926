// Connects to the first of several addresses that accepts (RFC 8305 §5). The next attempt starts when the
// previous one has failed, or is still pending after the Connection Attempt Delay. When one attempt succeeds,
// the others are stopped.

/** Connects to one address. An abort of the signal closes the connection at any time. */
export type Attempt<T> = (address: string, signal: AbortSignal) => Promise<T>;

export interface RaceTimes {
  /** How long an attempt may be pending before the next one starts; RFC 8305 §8 recommends 250. */
  delayMs: number;
  /** When all attempts end, counted from the start of the first. */
  timeoutMs: number;
}

export interface FailedAttempt {
  address: string;
  reason: unknown;
}

/**
 * The first connection, or all failed attempts if none succeeded. When `signal` aborts, all attempts end, and
 * the connection that was returned is closed.
 */
export function firstConnected<T>(
  addresses: readonly string[],
  attempt: Attempt<T>,
  { signal, delayMs, timeoutMs }: RaceTimes & { signal: AbortSignal },
): Promise<{ connection: T } | { failed: FailedAttempt[] }> {
  const { promise, resolve } = Promise.withResolvers<{ connection: T } | { failed: FailedAttempt[] }>();
  const waiting = [...addresses];
  const pending = new Set<AbortController>();
  const failed: FailedAttempt[] = [];
  let nextAttempt: NodeJS.Timeout | undefined;
  const deadline = setTimeout(stopAll, timeoutMs);
  signal.addEventListener('abort', stopAll, { once: true });

  function stopAll(): void {
    waiting.length = 0;
    for (const controller of pending) controller.abort();
  }

  function startNext(): void {
    clearTimeout(nextAttempt);
    const address = waiting.shift();
    if (address === undefined) return;
    const controller = new AbortController();
    pending.add(controller);
    if (waiting.length > 0) nextAttempt = setTimeout(startNext, delayMs);
    attempt(address, controller.signal).then(
      (connection) => succeed(connection, controller),
      (reason) => fail({ address, reason }, controller),
    );
  }

  function succeed(connection: T, controller: AbortController): void {
    pending.delete(controller);
    stopAll();
    finish();
    // Not AbortSignal.any: Node would hold such a signal, with its listener, until it aborts.
    signal.addEventListener('abort', () => controller.abort(), { once: true });
    if (signal.aborted) controller.abort();
    resolve({ connection });
  }

  function fail(failure: FailedAttempt, controller: AbortController): void {
    pending.delete(controller);
    failed.push(failure);
    startNext();
    if (pending.size > 0) return;
    finish();
    resolve({ failed });
  }

  function finish(): void {
    clearTimeout(nextAttempt);
    clearTimeout(deadline);
    signal.removeEventListener('abort', stopAll);
  }

  startNext();
  if (signal.aborted) stopAll();
  return promise;
}

/** IPv4 and IPv6 in turn (RFC 8305 §4): if one family leads nowhere, every second attempt uses the other. */
export function interleaved(addresses: readonly string[]): string[] {
  const v6 = addresses.filter((address) => address.includes(':'));
  const v4 = addresses.filter((address) => !address.includes(':'));
  const longer = v4.length > v6.length ? v4 : v6;
  return longer.flatMap((_, index) => [v4[index] ?? [], v6[index] ?? []].flat());
}
