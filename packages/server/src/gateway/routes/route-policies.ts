// The policies for the rules of routes, and the names of routes in policies.
import type { AllowRule, GatewayRoute, SectionPolicy } from '@gatehouse/access';
import { GatehouseError, ORDINARY_METHODS, policiesOfRule, policyOfRequirement } from '@gatehouse/access';
import type { ConfiguredRoute } from './route-settings.ts';

/**
 * The name of each route in policies: its name, or its path after its host. Routes with the same path have
 * the same name, so a policy for a path applies to all its methods. Throws `config_invalid` if two routes
 * with different paths have the same name.
 */
export function policyNames(routes: readonly ConfiguredRoute[]): string[] {
  const names = routes.map(({ name, host = '', path }) => name ?? `${host.toLowerCase()}${path}`);
  for (const [index, { name }] of routes.entries()) {
    const other = name === undefined ? -1 : names.findIndex((each, at) => each === name && at !== index);
    if (other >= 0) throw takenName(name as string, routes[other] as ConfiguredRoute);
  }
  return names;
}

/** The policies that decide on the routes with rules, by their ids. `rules` has the ids of routes as keys. */
export function policiesOfRules(
  routes: readonly GatewayRoute[],
  rules: ReadonlyMap<string, AllowRule>,
): Map<string, SectionPolicy> {
  const policies = routes.flatMap((route) => {
    const rule = rules.get(route.id);
    if (!rule) return [];
    const { policyName } = route;
    const methods = ownMethods(route, routes);
    return policiesOfRule(methods ? { policyName, methods } : { policyName }, rule);
  });
  return new Map(policies);
}

/** The setting `require` of the routes as policies, only for display: admission checks the setting itself. */
export function policiesOfRequirements(routes: readonly GatewayRoute[]): Map<string, SectionPolicy> {
  return new Map(
    routes.flatMap(({ policyName, require }) => (require ? [policyOfRequirement(policyName, require)] : [])),
  );
}

/** The methods of this route, if other routes have the same name; otherwise undefined. */
function ownMethods(route: GatewayRoute, routes: readonly GatewayRoute[]): string[] | undefined {
  const same = routes.filter(({ policyName }) => policyName === route.policyName);
  if (same.length === 1) return undefined;
  const taken = same.slice(0, same.indexOf(route)).flatMap(({ methods = ORDINARY_METHODS }) => methods);
  return (route.methods ?? ORDINARY_METHODS).filter((method) => !taken.includes(method));
}

function takenName(name: string, { path }: ConfiguredRoute): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting gateway.routes is not valid: the name ${name} is also the name of the route ${path}, and policies could not distinguish the two: choose another name.`,
  );
}
