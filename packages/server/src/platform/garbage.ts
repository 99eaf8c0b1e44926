// Garbage collection on request, where V8 would wait too long: what it cannot see outside its heap, and what
// a start leaves behind.

type Collect = (options: Collection) => void;

/** Of the young generation alone, or of everything. The latter also returns unused memory to the system. */
export type Collection = { type: 'minor' } | { type: 'major'; flavor: 'last-resort' };

const LARGE_HEAP_BYTES = 128 * 1024 * 1024;
const COLLECT_AFTER_MS = 5000;

/**
 * Frees what the start left behind. A large heap, from the projections of a large store, is collected at once:
 * later, that would stop a serving server for long. Otherwise the start does not wait for it.
 */
export function collectAfterStart(stack: AsyncDisposableStack): void {
  if (process.memoryUsage().heapUsed > LARGE_HEAP_BYTES) {
    collectGarbage({ type: 'major', flavor: 'last-resort' });
    return;
  }
  const timer = setTimeout(collectGarbage, COLLECT_AFTER_MS, {
    type: 'major',
    flavor: 'last-resort',
  }).unref();
  stack.defer(() => clearTimeout(timer));
}

/**
 * Runs V8's own collector. Does nothing if Node was started without `--expose-gc`. The collector could also be
 * had from a new context, but with a second context all code of the process runs slower from then on.
 */
export function collectGarbage(collection: Collection): void {
  (globalThis as { gc?: Collect }).gc?.(collection);
}
