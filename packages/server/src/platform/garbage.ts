// Garbage collection on request, where V8 would wait too long: what it cannot see outside its heap, and what
// a start leaves behind.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type Collect = (options: { type: 'minor' } | { type: 'major'; flavor: 'last-resort' }) => void;

/**
 * Gives V8's own collector: of the young generation alone, or of everything. The latter also returns memory that
 * is not in use to the system.
 */
export function garbageCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
