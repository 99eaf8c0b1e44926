// State that lives for minutes, such as one-time codes and challenges, in the memory of this process. Four methods,
// so that a store that several processes share can replace it.
import type { Clock } from '@gatehouse/access';

export interface ShortLived<V> {
  /** Stores the value for `ttlSeconds`. Beyond the limit, the oldest values are dropped. */
  put(key: string, value: V, ttlSeconds: number): Promise<void>;
  find(key: string): Promise<V | undefined>;
  /** Removes and returns the value: of several callers, one gets it. */
  take(key: string): Promise<V | undefined>;
  remove(key: string): Promise<void>;
}

interface Stored<V> {
  value: V;
  endsAt: number;
}

/**
 * At most `limit` values are stored.
 *
 * @example
 * const codes = createShortLived<Code>({ limit: 10_000, clock });
 * await codes.put(hash, code, 60);
 * const code = await codes.take(hash);
 */
export function createShortLived<V>({ limit, clock }: { limit: number; clock: Clock }): ShortLived<V> {
  const stored = new Map<string, Stored<V>>();

  function live(key: string): V | undefined {
    const found = stored.get(key);
    return found && found.endsAt > clock.now() ? found.value : undefined;
  }

  /** A Map iterates in the order of insertion. */
  function makeRoom(): void {
    for (const [key, { endsAt }] of stored) {
      if (stored.size < limit && endsAt > clock.now()) return;
      stored.delete(key);
    }
  }

  return {
    async put(key, value, ttlSeconds) {
      stored.delete(key);
      makeRoom();
      stored.set(key, { value, endsAt: clock.now() + ttlSeconds * 1000 });
    },
    find: async (key) => live(key),
    async take(key) {
      const value = live(key);
      stored.delete(key);
      return value;
    },
    async remove(key) {
      stored.delete(key);
    },
  };
}
