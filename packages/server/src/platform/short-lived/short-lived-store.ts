// Values that live for minutes: a sign-in that waits for its second factor, a code that is used once. They
// are in memory, behind four methods, so that a shared store can replace it. A restart forgets them.
import type { Clock } from '@gatehouse/access';

export interface ShortLivedStore<V> {
  /** Stores a value. `owner` is the party that it belongs to. */
  put(id: string, value: V, options: { owner: string; lifetimeSeconds: number }): Promise<void>;
  /** Undefined if there is none, or if its lifetime is over. */
  find(id: string): Promise<V | undefined>;
  /** Removes the value and returns it. Of several calls, only one gets it. */
  take(id: string): Promise<V | undefined>;
  /** Removes all values of an owner. */
  removeOf(owner: string): Promise<void>;
}

interface Stored<V> {
  value: V;
  owner: string;
  endsAt: number;
}

/**
 * Has at most `perOwner` values of one owner: a new value replaces the oldest. So no owner can displace the
 * values of others.
 * @example
 * const pending = createShortLivedStore<Pending>(clock, { perOwner: 8 });
 * await pending.put(id, value, { owner: 'alice', lifetimeSeconds: 300 });
 */
export function createShortLivedStore<V>(
  clock: Clock,
  { perOwner }: { perOwner: number },
): ShortLivedStore<V> {
  const values = new Map<string, Stored<V>>();
  /** The ids of each owner's values, the oldest first. */
  const owned = new Map<string, Set<string>>();

  function remove(id: string): void {
    const stored = values.get(id);
    if (!stored) return;
    values.delete(id);
    const ids = owned.get(stored.owner);
    ids?.delete(id);
    if (ids?.size === 0) owned.delete(stored.owner);
  }

  function living(id: string): Stored<V> | undefined {
    const stored = values.get(id);
    if (!stored || stored.endsAt > clock.now()) return stored;
    remove(id);
    return undefined;
  }

  function removeExpired(): void {
    const now = clock.now();
    for (const [id, { endsAt }] of values) if (endsAt <= now) remove(id);
  }

  return {
    async put(id, value, { owner, lifetimeSeconds }) {
      removeExpired();
      remove(id);
      const ids = owned.get(owner) ?? new Set();
      const [oldest] = ids;
      if (ids.size >= perOwner && oldest !== undefined) remove(oldest);
      owned.set(owner, ids.add(id));
      values.set(id, { value, owner, endsAt: clock.now() + lifetimeSeconds * 1000 });
    },
    find: async (id) => living(id)?.value,
    async take(id) {
      const stored = living(id);
      remove(id);
      return stored?.value;
    },
    async removeOf(owner) {
      for (const id of [...(owned.get(owner) ?? [])]) remove(id);
    },
  };
}
