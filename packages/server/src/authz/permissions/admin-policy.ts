// The policy of the admin API: the built-in policies, and the applied policies about it. Applied policies do
// not restrict the local operator, who owns the data folder.
import type { CreateEntities, GatewayPolicy, Policy, RoleInclusions, SectionPolicy } from '@gatehouse/access';
import { compileGatewayPolicy } from '@gatehouse/access';
import type { ActionScopeJson } from '@gatehouse/cedar';
import { createEntities, entityUid } from '@gatehouse/cedar';
import { BUILT_IN_POLICIES } from './built-in-policies.ts';
import type { Permission } from './permissions.ts';
import { isPermission } from './permissions.ts';

type Policies = ReadonlyMap<string, SectionPolicy>;

export interface AdminPolicyDeps {
  /** The applied policies. It returns the same object until other policies are applied. */
  applied(): Policies;
  /** Returns the same object until the roles change. */
  roles(): RoleInclusions;
  permissions: readonly Permission[];
}

/**
 * @example
 * const policy = createAdminPolicy({ applied: () => versions.current.compiled, roles, permissions });
 * policy.decide({ principal, action: 'ca:RevokeCertificate', resource, context });
 */
export function createAdminPolicy({ applied, roles, permissions }: AdminPolicyDeps): Policy {
  const entities = adminEntities(permissions);
  const builtIn = compileGatewayPolicy({ policies: BUILT_IN_POLICIES, roles: NO_ROLES }, entities);
  let inForce: { policy: GatewayPolicy; applied?: Policies; roles?: RoleInclusions } = { policy: builtIn };

  function current(): GatewayPolicy {
    const now = { applied: applied(), roles: roles() };
    if (now.applied !== inForce.applied || now.roles !== inForce.roles) {
      const source = { policies: adminPolicies(now.applied), roles: now.roles };
      inForce = { ...now, policy: inForce.policy.next(source) };
    }
    return inForce.policy;
  }

  return {
    decide: (request) => (request.principal.kind === 'operator' ? builtIn : current()).decide(request),
  };
}

const NO_ROLES: RoleInclusions = new Map();

/**
 * The policies that decide about the admin API, by id. A policy that permits must name permissions.
 * Otherwise, a policy that permits everything on routes would make everyone an administrator.
 */
export function adminPolicies(applied: Policies): Policies {
  const counting = [...applied].filter(
    ([, { json }]) => json.effect === 'forbid' || namesPermissions(json.action),
  );
  return new Map([...BUILT_IN_POLICIES, ...counting]);
}

function namesPermissions(scope: ActionScopeJson): boolean {
  if (scope.op === 'All') return false;
  const entities = 'entities' in scope ? scope.entities : [scope.entity];
  return entities.some(({ id }) => isPermission(id));
}

/** Permissions as actions in their groups. Their resource is always the server. */
export function adminEntities(permissions: readonly Permission[]): CreateEntities {
  const server = entityUid('Server', 'control');
  const actions = permissions.map(({ name, groups }) => ({
    uid: entityUid('Action', name),
    parents: groups.map((group) => entityUid('Action', group)),
  }));
  const entities = createEntities([{ uid: server }, ...actions]);
  const resource = entities.get(server.key);
  // Each pair is created once, because decisions are remembered by its object.
  const known = new Map(
    actions.flatMap(({ uid }) => {
      const action = entities.get(uid.key);
      return resource && action ? [[uid.id, { resource, action }] as const] : [];
    }),
  );
  return () => (_resource, name) => {
    const found = known.get(name);
    if (found) return found;
    throw new TypeError(`${name} is no permission of a route`);
  };
}
