// Gives a principal the current roles, groups and attributes of its owner.
import type { Principal } from './principal.ts';
import type { UserFacts } from './principals.ts';

/**
 * The principal with these facts. Facts that are undefined are left out; the default roles are its own. If
 * nothing changes, it is the same object, so decisions about it stay known.
 */
export function withFacts(
  principal: Principal,
  { roles = principal.roles, groups, attributes }: { [Name in FactName]?: UserFacts[Name] | undefined },
): Principal {
  const isSame =
    principal.roles === roles && principal.groups === groups && principal.attributes === attributes;
  if (isSame) return principal;
  const { groups: _groups, attributes: _attributes, ...rest } = principal;
  return { ...rest, roles, ...(groups && { groups }), ...(attributes && { attributes }) };
}

type FactName = 'roles' | 'groups' | 'attributes';
