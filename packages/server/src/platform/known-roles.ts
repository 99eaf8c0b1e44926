// The roles with a meaning: the built-in ones, and those that rules in force name. A role that no rule names
// is allowed, because its rule may come later. But often it is misspelt.
import type { RoleInclusions } from '@gatehouse/access';

/** The roles of the admin API, and of routes without a rule. */
const BUILT_IN_ROLES: readonly string[] = ['admin', 'user', 'operator', 'auditor', 'metrics'];

/** A sentence for each of these roles that no rule names. */
export type RoleWarnings = (roles: readonly string[]) => string[];

export interface KnownRoles {
  /** Each role once, the built-in ones first. */
  names(): string[];
  /** `roles` is called each time, so that it can follow the rules in force. */
  add(roles: () => Iterable<string>): void;
  /** A role, and the roles that include it. */
  including(role: string): string[];
  /** Sets the source of the inclusions. `inclusions` is called each time, too. */
  include(inclusions: () => RoleInclusions): void;
}

export function createKnownRoles(): KnownRoles {
  const sources: (() => Iterable<string>)[] = [];
  let inclusions: () => RoleInclusions = () => new Map();
  return {
    names: () => [...new Set([...BUILT_IN_ROLES, ...sources.flatMap((roles) => [...roles()])])],
    add: (roles) => void sources.push(roles),
    including: (role) => [
      role,
      ...[...inclusions()].flatMap(([name, included]) => (included.includes(role) ? [name] : [])),
    ],
    include(given) {
      inclusions = given;
    },
  };
}
