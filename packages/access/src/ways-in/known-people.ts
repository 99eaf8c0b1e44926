// People with an app password, for the ways in that check it. Each has the same principal object until
// something about the person changes.
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { GatehouseError } from '../errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../principals/principal.ts';
import type { DigestFacts, Principals, UserFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';

export interface KnownPeople {
  /**
   * The person, if `matches` returns true. `matches` is also called for unknown names, so that they take the
   * same time. Throws `credential_invalid`.
   */
  accept(name: string, matches: (facts: DigestFacts | undefined) => boolean): Principal;
  /** Throws `credential_invalid`. */
  current(principal: Principal): Principal;
}

interface KnownPerson {
  user: UserFacts;
  facts: DigestFacts;
  principal: Principal;
}

const PEOPLE_CACHED = 8192;

/** `users` and `digests` may change during use. */
export function createKnownPeople(
  { users, digests }: Pick<Principals, 'users' | 'digests'>,
  { via, wrong }: { via: AuthenticationMethod; wrong(): GatehouseError },
): KnownPeople {
  const known: BoundedMap<string, KnownPerson> = createBoundedMap(PEOPLE_CACHED);
  const factsOf = new WeakMap<Principal, DigestFacts>();

  return {
    accept(name, matches) {
      const facts = digests.get(name);
      const isRight = matches(facts);
      const user = users.get(name);
      if (!isRight || !facts || !user || user.disabled) throw wrong();
      const cached = known.get(name);
      // A change of a user replaces the facts object.
      if (cached?.user === user && cached.facts === facts) return cached.principal;
      const principal = principalOf(name, user, via);
      known.set(name, { user, facts, principal });
      factsOf.set(principal, facts);
      return principal;
    },
    current(principal) {
      const user = users.get(principal.name);
      const facts = factsOf.get(principal);
      if (!user || user.disabled || (facts && digests.get(principal.name) !== facts)) throw wrong();
      const { roles, groups, attributes } = user;
      return withFacts(principal, { roles, groups, attributes });
    },
  };
}

function principalOf(
  name: string,
  { roles, groups, attributes }: UserFacts,
  via: AuthenticationMethod,
): Principal {
  const principal: Principal = { kind: 'user', name, roles, scopes: [], amr: ['pwd'], via };
  return withFacts(principal, { groups, attributes });
}
