// Whose answers are whose: clients with other credentials have another part of a cache.
import type { HttpRequest } from '../http/middleware.ts';

export interface Owners {
  /** The first part of the keys. Throws `TypeError` if a store of one user is used by another one. */
  of(request: HttpRequest): string;
}

/** `single`: there is room for one only, because the names of parts are not the same in another process. */
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
