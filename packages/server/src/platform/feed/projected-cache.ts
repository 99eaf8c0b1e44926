// A bounded cache of rows. Committed events remove rows from it. If something changed while a row was read,
// the row is not cached, because it may be an old version.
import type { CommittedEvent } from './events.ts';
import type { Projection } from './feed.ts';

export interface ProjectedCache<V> extends Projection {
  /** The value under `key`: the cached one, or the result of `load`. `undefined` is never cached. */
  find(key: string): Promise<V | undefined>;
  /** Removes everything. */
  clear(): void;
}

export interface CacheSource<V> {
  name: string;
  /** The maximum number of values. Beyond it, all are removed. */
  limit: number;
  /** The keys whose values an event may change, or `all`. */
  touches(event: CommittedEvent): readonly string[] | 'all';
  load(key: string): Promise<V | undefined>;
  /** Whether a value may be cached; default: every value may. */
  isCacheable?(value: V): boolean;
}

/**
 * @example
 * const accounts = createProjectedCache<Account>({
 *   name: 'ACME accounts', limit: 1000,
 *   touches: ({ type, subject }) => (type.startsWith('acme.account_') && subject !== null ? [subject] : []),
 *   load: (id) => store.account(database.read, id),
 * });
 * await feed.project(accounts);
 */
export function createProjectedCache<V>(source: CacheSource<V>): ProjectedCache<V> {
  const cached = new Map<string, V>();
  /** Increases with every removal. */
  let changes = 0;

  function clear(): void {
    changes += 1;
    cached.clear();
  }

  function forget(event: CommittedEvent): void {
    const keys = source.touches(event);
    if (keys === 'all') clear();
    else if (keys.length > 0) changes += 1;
    if (keys !== 'all') for (const key of keys) cached.delete(key);
  }

  async function load(key: string): Promise<V | undefined> {
    const before = changes;
    const value = await source.load(key);
    const isCacheable = value !== undefined && (source.isCacheable?.(value) ?? true);
    if (!isCacheable || changes !== before) return value;
    if (cached.size >= source.limit) cached.clear();
    cached.set(key, value);
    return value;
  }

  return {
    name: source.name,
    find: async (key) => cached.get(key) ?? load(key),
    clear,
    build: async () => clear(),
    advance(events) {
      for (const event of events) forget(event);
    },
  };
}
