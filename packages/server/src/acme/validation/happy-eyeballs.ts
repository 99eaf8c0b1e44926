// One connection to whichever of several addresses accepts one first (RFC 8305 §5): the next attempt starts when the one before has
// failed, or is still pending after the Connection Attempt Delay. All other attempts are called off when one has succeeded.

/** Connects to one address. Once the signal aborts, the connection is closed, whether or not it was established. */
export type Attempt<T> = (address: string, signal: AbortSignal) => Promise<T>;

export interface RaceTimes {
  /** Between two attempts of which the first is still pending; RFC 8305 §8 recommends 250. */
  delayMs: number;
  /** When attempts that are still pending have failed, counted from the start of the first. */
  timeoutMs: number;
}

export interface FailedAttempt {
  address: string;
  reason: unknown;
}

/**
 * The first connection, or every attempt that failed where none succeeded. `signal` calls off all attempts, and closes the connection
 * that was given.
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
  const deadline = setTimeout(callOffAll, timeoutMs);
  signal.addEventListener('abort', callOffAll, { once: true });

  function callOffAll(): void {
    waiting.length = 0;
    for (const controller of pending) controller.abort();
  }

  function startNext(): void {
    clearTimeout(nextAttempt);
    const address = waiting.shift();
    if (address === undefined) return;
    const controller = new AbortController();
    pending.add(controller);
    nextAttempt = setTimeout(startNext, delayMs);
    attempt(address, AbortSignal.any([signal, controller.signal])).then(
      (connection) => succeed(connection, controller),
      (reason) => fail({ address, reason }, controller),
    );
  }

  function succeed(connection: T, controller: AbortController): void {
    pending.delete(controller);
    callOffAll();
    finish();
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
    signal.removeEventListener('abort', callOffAll);
  }

  startNext();
  return promise;
}

/** IPv4 and IPv6 in turn, each in its own order (RFC 8305 §4): where one family leads nowhere, every second attempt is by the other. */
export function interleaved(addresses: readonly string[]): string[] {
  const v6 = addresses.filter((address) => address.includes(':'));
  const v4 = addresses.filter((address) => !address.includes(':'));
  const longer = v4.length > v6.length ? v4 : v6;
  return longer.flatMap((_, index) => [v4[index] ?? [], v6[index] ?? []].flat());
}
