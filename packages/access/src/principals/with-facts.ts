// Adds the groups and attributes of the owner to a principal.
import type { Principal } from './principal.ts';
import type { UserFacts } from './principals.ts';

/** The principal with these groups and attributes. Members that are undefined are left out. */
export function withFacts(
  principal: Principal,
  { groups, attributes }: { [Name in 'groups' | 'attributes']?: UserFacts[Name] | undefined },
): Principal {
  const { groups: _groups, attributes: _attributes, ...rest } = principal;
  return { ...rest, ...(groups && { groups }), ...(attributes && { attributes }) };
}
