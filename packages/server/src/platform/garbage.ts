// Garbage collection on request, where V8 would wait too long: what it cannot see outside its heap, and what a start leaves behind.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type Collect = (options?: { type: 'minor' }) => void;

/** Gives V8's own collector: the whole heap, or only the young generation. */
export function garbageCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
