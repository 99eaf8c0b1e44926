// A cache with a limit. It removes the oldest entry first.

/** A map with at most `limit` entries. */
export interface BoundedMap<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
}

export function createBoundedMap<K, V>(limit: number): BoundedMap<K, V> {
  const entries = new Map<K, V>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      // A Map iterates in the order of insertion, so the first key is the oldest.
      if (entries.size >= limit && !entries.has(key)) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest);
          break;
        }
      }
      entries.set(key, value);
    },
    delete: (key) => void entries.delete(key),
  };
}
