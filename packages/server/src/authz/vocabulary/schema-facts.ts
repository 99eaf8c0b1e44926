// The facts that policies can refer to now: the routes of the configuration in force, the attributes that
// people and services have, and the permissions of the admin API.
import type { GatewayRoute, PrincipalAttributes } from '@gatehouse/access';
import { parameterNames } from '@gatehouse/access';
import type { AttributeType, SchemaFacts } from '../language/index.ts';
import type { Permission } from '../permissions/permissions.ts';
import type { People } from '../questions/question-parts.ts';

export interface SchemaSources {
  routes: readonly GatewayRoute[];
  people: People;
  permissions: readonly Permission[];
}

/** Without public routes: they have no decision, so policies cannot name them. */
export function schemaFacts({ routes, people, permissions }: SchemaSources): SchemaFacts {
  return {
    routes: routes.filter(({ access }) => access === 'authenticated').map(routeFacts),
    principalAttributes: attributeTypes(people),
    permissions,
  };
}

function routeFacts({ policyName, path, attributes = {}, action, query = [], headers = [] }: GatewayRoute) {
  const params = parameterNames(path);
  return { name: policyName, params, attributes, ...(action !== undefined && { action }), query, headers };
}

/** `mixed` for an attribute that has values of several types. */
function attributeTypes({ users, services }: People): Map<string, AttributeType> {
  const types = new Map<string, AttributeType>();
  for (const { attributes } of [...users.values(), ...services.values()]) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      const type = typeOf(value);
      types.set(name, (types.get(name) ?? type) === type ? type : 'mixed');
    }
  }
  return types;
}

function typeOf(value: PrincipalAttributes[string]): AttributeType {
  if (typeof value === 'object') return 'set';
  return typeof value === 'number' ? 'long' : (typeof value as 'string' | 'boolean');
}
