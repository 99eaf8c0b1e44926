// Garbage collection on request, where V8 would wait too long: what it cannot see outside its heap, and what
// a start leaves behind.

type Collect = (options: Collection) => void;

/** Of the young generation alone, or of everything. The latter also returns unused memory to the system. */
export type Collection = { type: 'minor' } | { type: 'major'; flavor: 'last-resort' };

/**
 * Runs V8's own collector. Does nothing if Node was started without `--expose-gc`. The collector could also be
 * had from a new context, but with a second context all code of the process runs slower from then on.
 */
export function collectGarbage(collection: Collection): void {
  (globalThis as { gc?: Collect }).gc?.(collection);
}
