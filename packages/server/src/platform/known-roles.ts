// The roles that mean something: the built-in ones, and those that rules in force name. A role that no rule
// names is allowed, because its rule may come later, but it is often a misspelt one.

/** The roles of the admin API, and of routes without a rule of their own. */
const BUILT_IN_ROLES: readonly string[] = ['admin', 'user', 'operator', 'auditor', 'metrics'];

/** A sentence for each of these roles that no rule names. */
export type RoleWarnings = (roles: readonly string[]) => string[];

export interface KnownRoles {
  /** Each once, the built-in ones first. */
  names(): string[];
  /** `roles` is asked each time, so that it can follow what is in force. */
  add(roles: () => Iterable<string>): void;
}

export function createKnownRoles(): KnownRoles {
  const sources: (() => Iterable<string>)[] = [];
  return {
    names: () => [...new Set([...BUILT_IN_ROLES, ...sources.flatMap((roles) => [...roles()])])],
    add: (roles) => void sources.push(roles),
  };
}
