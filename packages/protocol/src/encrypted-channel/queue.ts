// A map that finds its oldest entry quickly. A Map iterates in the order of insertion, but each new iterator
// passes over the places of removed entries. With ten thousand sessions this takes longer than an exchange,
// so this map continues with one iterator.

export interface Queue<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  /** Adds the entry at the end, also if it is present already. */
  put(key: Key, value: Value): void;
  delete(key: Key): void;
  values(): Iterable<Value>;
  /** The entry that has been longest at its place. */
  oldest(): readonly [Key, Value] | undefined;
}

/** An empty one. */
export function createQueue<Key, Value>(): Queue<Key, Value> {
  const entries = new Map<Key, Value>();
  let iterator = entries.entries();
  /** The entry at the iterator, unless it was removed. */
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
      // An iterator that has reached the end stays there.
      if (next.done) {
        iterator = entries.entries();
        next = iterator.next();
      }
      head = next.value;
      return head;
    },
  };
}
