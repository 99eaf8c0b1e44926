// Long lists, one element after the other, with a turn of the event loop for everyone else in between.

/** What `act` gives for each element, in their order. */
export async function mapInTurn<T, R>(elements: readonly T[], act: (element: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const element of elements) {
    results.push(await act(element));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return results;
}
