// Where a cache stores its answers. This one is in memory, with a limit in octets. It removes the least
// recently used answers first.

/** An answer, with its content as received, still encoded. */
export interface CachedAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly fields: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** The fields of the request that the answer depends on (Vary), with null for absent ones. */
  readonly varied: Readonly<Record<string, string | null>>;
  /** A hash of the credentials that the caller gave, or an empty string. */
  readonly credentials: string;
  /** Milliseconds since 1970. */
  readonly requestedAt: number;
  readonly receivedAt: number;
}

/** A store of answers. A key has several answers if they vary. Functions may return promises. */
export interface CacheStore {
  read(key: string): readonly CachedAnswer[] | undefined | Promise<readonly CachedAnswer[] | undefined>;
  /** Replaces the answers of the key. */
  write(key: string, answers: readonly CachedAnswer[]): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/**
 * A store in memory.
 * @example
 * const caching = client().with(cache({ store: memoryStore(8 * 1024 ** 2) }));
 */
export function memoryStore(maxBytes = 32 * 1024 ** 2): CacheStore {
  const kept = new Map<string, { answers: readonly CachedAnswer[]; bytes: number }>();
  let total = 0;
  const remove = (key: string) => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  return {
    read(key) {
      const found = kept.get(key);
      if (found === undefined) return undefined;
      kept.delete(key);
      kept.set(key, found); // moves it to the end
      return found.answers;
    },
    write(key, answers) {
      remove(key);
      const bytes = key.length + answers.reduce((sum, answer) => sum + sizeOf(answer), 0);
      if (bytes > maxBytes) return;
      kept.set(key, { answers, bytes });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= maxBytes) break;
        remove(oldest);
      }
    },
    remove,
  };
}

function sizeOf({ body, fields }: CachedAnswer): number {
  return body.length + JSON.stringify(fields).length;
}
