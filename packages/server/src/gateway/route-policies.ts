// The policies that the rules of routes mean, and the names that policies have for routes.
import type { AllowRule, GatewayRoute, SectionPolicy } from '@gatehouse/access';
import { GatehouseError, ORDINARY_METHODS, policiesOfRule, policyOfRequirement } from '@gatehouse/access';
import type { ConfiguredRoute } from './route-settings.ts';

/**
 * What policies call each of the routes: its name, or its path with its host in front. Routes with the same
 * path have the same name, so that a policy for a path holds for all its methods. Throws `config_invalid` for
 * a name that two routes have.
 */
export function policyNames(routes: readonly ConfiguredRoute[]): string[] {
  const names = routes.map(({ name, host = '', path }) => name ?? `${host.toLowerCase()}${path}`);
  for (const [index, { name }] of routes.entries()) {
    const other = name === undefined ? -1 : names.findIndex((each, at) => each === name && at !== index);
    if (other >= 0) throw takenName(name as string, routes[other] as ConfiguredRoute);
  }
  return names;
}

/** The policies that decide on the routes with rules, by their ids. `rules` are by the ids of routes. */
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

/** What `require` of the routes means, for people: admission checks it, and no policy. */
export function policiesOfRequirements(routes: readonly GatewayRoute[]): Map<string, SectionPolicy> {
  return new Map(
    routes.flatMap(({ policyName, require }) => (require ? [policyOfRequirement(policyName, require)] : [])),
  );
}

/** The methods that come to this route, if others have the same name; otherwise undefined. */
function ownMethods(route: GatewayRoute, routes: readonly GatewayRoute[]): string[] | undefined {
  const same = routes.filter(({ policyName }) => policyName === route.policyName);
  if (same.length === 1) return undefined;
  const taken = same.slice(0, same.indexOf(route)).flatMap(({ methods = ORDINARY_METHODS }) => methods);
  return (route.methods ?? ORDINARY_METHODS).filter((method) => !taken.includes(method));
}

function takenName(name: string, { path }: ConfiguredRoute): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting gateway.routes is not valid: the name ${name} is also that of the route ${path}: policies could not tell them apart.`,
  );
}
