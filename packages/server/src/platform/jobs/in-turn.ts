// Processes a long list one element at a time, and lets other work run in between.

/** Returns the results of `act`, in the order of the elements. */
export async function mapInTurn<T, R>(elements: readonly T[], act: (element: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const element of elements) {
    results.push(await act(element));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}

/** Waits for the turn of the caller. */
export type Turns = () => Promise<void>;

/**
 * Lets calls that come together continue in their order, `atOnce` in each round of the event loop. So a
 * thousand calls do not delay new requests by the work of all.
 */
export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = [];

  function goOn(): void {
    for (const begin of waiting.splice(0, atOnce)) begin();
    if (waiting.length > 0) setImmediate(goOn);
  }

  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(goOn);
    });
}
