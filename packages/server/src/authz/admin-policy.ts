// The policy of the admin API: the built-in policies, and what the applied ones say about it. The local
// operator owns the data folder, so applied policies do not concern that caller.
import type { ActionScopeJson, Decision, Policy, RoleInclusions, SectionPolicy } from '@gatehouse/access';
import { compilePolicy } from '@gatehouse/access';
import { BUILT_IN_POLICIES } from './built-in-policies.ts';
import type { Permission } from './permissions.ts';
import { isPermission } from './permissions.ts';

type Policies = ReadonlyMap<string, SectionPolicy>;

export interface AdminPolicyDeps {
  /** The applied policies; the same object until others are applied. */
  applied(): Policies;
  /** The same object until it changes. */
  roles(): RoleInclusions;
  permissions: readonly Permission[];
}

/** What policies call the server, which all permissions of the admin API are about. */
export const SERVER = { type: 'Server', id: 'control' };

/**
 * @example
 * const policy = createAdminPolicy({ applied: () => versions.current.compiled, roles, permissions });
 * policy.decide({ principal, action: 'ca:RevokeCertificate', resource, context });
 */
export function createAdminPolicy(deps: AdminPolicyDeps): Policy {
  return { decide: (request) => decide(request) };
}

/**
 * The policies that decide about the admin API, by id. A policy that permits must name the permission: one that
 * permits everything on routes must not make everyone an administrator.
 */
export function adminPolicies(applied: Policies): Policies {
  const counting = [...applied].filter(([, { json }]) => json.effect === 'forbid' || namesPermissions(json.action));
  return new Map([...BUILT_IN_POLICIES, ...counting]);
}

function namesPermissions(scope: ActionScopeJson): boolean {
  if (scope.op === 'All') return false;
  const entities = 'entities' in scope ? scope.entities : [scope.entity];
  return entities.some(({ id }) => isPermission(id));
}
