// Garbage collection on request, for the memory of a start. V8 would wait too long.

const LARGE_HEAP_BYTES = 128 * 1024 * 1024;
const COLLECT_AFTER_MS = 5000;

/**
 * Frees the memory of the start, and returns unused memory to the system. A large heap, from the projections
 * of a large store, is collected at once, because later this would stop the server for long. Otherwise the
 * start does not wait for the collection.
 */
export function collectAfterStart(stack: AsyncDisposableStack): void {
  if (process.memoryUsage().heapUsed > LARGE_HEAP_BYTES) {
    collectGarbage();
    return;
  }
  const timer = setTimeout(collectGarbage, COLLECT_AFTER_MS).unref();
  stack.defer(() => clearTimeout(timer));
}

type Collect = (options: { type: 'major'; flavor: 'last-resort' }) => void;

/**
 * Runs V8's own collector. Does nothing if Node was started without `--expose-gc`. A new context could also
 * give access to the collector, but with a second context, all code of the process runs slower.
 */
function collectGarbage(): void {
  (globalThis as { gc?: Collect }).gc?.({ type: 'major', flavor: 'last-resort' });
}
