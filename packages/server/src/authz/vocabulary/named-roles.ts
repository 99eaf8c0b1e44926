// The roles that policies name. Such a role has a meaning, so it is no mistake to give it to someone.
import type { SectionPolicy } from '@gatehouse/access';
import { entitiesIn } from '../language/index.ts';

/**
 * @example
 * rolesNamedBy(applied.current.compiled); // ['manager', 'on-call']
 */
export function rolesNamedBy(policies: ReadonlyMap<string, SectionPolicy>): string[] {
  const named = [...policies.values()].flatMap(({ json, slots = {} }) => [
    ...entitiesIn(json),
    ...Object.values(slots),
  ]);
  return [...new Set(named.flatMap(({ type, id }) => (type === 'Role' ? id : [])))];
}
