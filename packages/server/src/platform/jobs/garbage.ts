// Garbage collection on request, where V8 would wait too long: for what a start leaves behind.

const LARGE_HEAP_BYTES = 128 * 1024 * 1024;
const COLLECT_AFTER_MS = 5000;

/**
 * Frees what the start left behind, and returns unused memory to the system. A large heap, from the
 * projections of a large store, is collected at once: later, that would stop a serving server for long.
 * Otherwise the start does not wait for it.
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
 * Runs V8's own collector. Does nothing if Node was started without `--expose-gc`. The collector could also
 * be had from a new context, but with a second context all code of the process runs slower from then on.
 */
function collectGarbage(): void {
  (globalThis as { gc?: Collect }).gc?.({ type: 'major', flavor: 'last-resort' });
}
