// Separates the answers of clients: clients with different credentials use different parts of a cache.
import type { HttpRequest } from '../http/middleware.ts';

export interface Owners {
  /** The prefix of the keys. Throws `TypeError` if a second user uses a store of one user. */
  of(request: HttpRequest): string;
}

/** `single`: the store is for one owner only, because the names of the parts differ between processes. */
export function createOwners(single: boolean): Owners {
  const known = new WeakMap<object, number>();
  let count = 0;
  return {
    of({ identity }) {
      if (identity === undefined) return '';
      let owner = known.get(identity);
      if (owner === undefined) {
        if (single && count > 0)
          throw new TypeError('a store of a cache belongs to one user: give each client its own');
        owner = count;
        known.set(identity, owner);
        count += 1;
      }
      return single ? '' : `${owner} `;
    },
  };
}
