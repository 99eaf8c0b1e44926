// A map that knows its oldest entry. A Map iterates in the order of insertion, but each new iteration passes
// over the places of entries that were removed: with ten thousand sessions, longer than an exchange takes. So
// this one goes on with one iterator.

export interface Queue<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  /** At the end, also if it was there before. */
  put(key: Key, value: Value): void;
  delete(key: Key): void;
  values(): Iterable<Value>;
  /** What has been longest at its place. */
  oldest(): readonly [Key, Value] | undefined;
}

/** An empty one. */
export function createQueue<Key, Value>(): Queue<Key, Value> {
  const entries = new Map<Key, Value>();
  let iterator = entries.entries();
  /** Where the iterator is, while that is not removed. */
  let head: readonly [Key, Value] | undefined;

  function remove(key: Key): void {
    if (entries.delete(key) && head?.[0] === key) head = undefined;
  }

  return {
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    put(key, value) {
      remove(key);
      entries.set(key, value);
    },
    delete: remove,
    values: () => entries.values(),
    oldest() {
      if (head || entries.size === 0) return head;
      let next = iterator.next();
      // An iterator that came to the end stays there.
      if (next.done) {
        iterator = entries.entries();
        next = iterator.next();
      }
      head = next.value;
      return head;
    },
  };
}
