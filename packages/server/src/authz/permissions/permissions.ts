// The permissions of the admin API, as policies name them. Each is an action in two groups: the group of its
// capability, and `admin:read` or `admin:write`. All these names have a colon; actions of routes have none.
import type { ApiGroup } from '../../platform/http/openapi.ts';
import type { Route } from '../../platform/http/route.ts';

/** A permission with the actions that contain it. */
export interface Permission {
  /** `ca:RevokeCertificate` */
  name: string;
  /** `ca:*`, `admin:write` */
  groups: readonly string[];
}

/** The prefix of the permissions that every person has, because they concern only the own account. */
export const OWN_ACCOUNT = 'account:';

/** Whether an action belongs to the admin API. */
export function isPermission(action: string): boolean {
  return action.includes(':');
}

/**
 * The permissions of these routes, each once, sorted by name. If a route that writes names a permission, the
 * permission counts as writing.
 * @example
 * permissionsOf([{ name: 'ca', routes }]); // [{ name: 'ca:ListCertificates', groups: ['ca:*', 'admin:read'] }, …]
 */
export function permissionsOf(groups: readonly Pick<ApiGroup, 'routes'>[]): Permission[] {
  const byName = Map.groupBy(
    groups.flatMap(({ routes }) => routes.filter(({ permission }) => permission !== 'public')),
    ({ permission }) => permission,
  );
  return [...byName]
    .map(([name, routes]) => ({ name, groups: groupsOf(name, routes) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function groupsOf(name: string, routes: readonly Route[]): string[] {
  const capability = `${name.slice(0, name.indexOf(':'))}:*`;
  // All people may read their own account, so this permission is not in `admin:read`.
  if (name.startsWith(OWN_ACCOUNT)) return [capability];
  const reads = routes.every(({ method }) => method === 'GET');
  return [capability, reads ? 'admin:read' : 'admin:write'];
}
