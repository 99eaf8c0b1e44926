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
