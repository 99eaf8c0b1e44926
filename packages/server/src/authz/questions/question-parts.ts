// The parts of a question to the policies, as people write them: `alice` or `User::"alice"`, `GET` or
// `Action::"GET"`, `/reports/sales` or `Route::"/reports/:department"`.
import type { GatewayRoute, Principal, RouteTable, ServiceFacts, UserFacts } from '@gatehouse/access';
import { GatehouseError, parseRequestTarget } from '@gatehouse/access';

/** The callers that questions can name. */
export interface People {
  users: ReadonlyMap<string, UserFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
}

export interface Places {
  /** In their order. */
  routes: readonly GatewayRoute[];
  table: RouteTable;
  /** The host and port of the gateway, for paths. */
  host: string;
}

/** A route, with a path that leads to it. */
export interface AskedRoute {
  route: GatewayRoute;
  path: string;
}

const UID = /^(\w+)::("(?:[^"\\]|\\.)*")$/;
const PREFIXED = /^(user|service):(.+)$/;
const TYPES: Readonly<Record<string, Principal['kind']>> = {
  User: 'user',
  Service: 'service',
  Operator: 'operator',
};

/** The caller with all their roles. Throws `not_found`, `unprocessable`. */
export function principalOf(text: string, people: People): Principal {
  const { kind, name } = namedPrincipal(text, people);
  if (kind === 'operator') {
    return { kind, name, roles: ['admin'], scopes: [], amr: ['user'], via: 'socket' };
  }
  const facts = kind === 'user' ? people.users.get(name) : people.services.get(name);
  if (!facts) throw new GatehouseError('not_found', `There is no ${kind} "${name}".`);
  const { roles, attributes, groups }: Pick<UserFacts, 'roles' | 'attributes' | 'groups'> = facts;
  return {
    kind,
    name,
    roles,
    scopes: [],
    ...(attributes && { attributes }),
    ...(groups && { groups }),
    amr: kind === 'user' ? ['pwd'] : [],
    via: kind === 'user' ? 'bearer' : 'apiKey',
  };
}

function namedPrincipal(text: string, { users, services }: People): Pick<Principal, 'kind' | 'name'> {
  const uid = uidOf(text);
  if (uid) {
    const kind = Object.hasOwn(TYPES, uid.type) ? TYPES[uid.type] : undefined;
    if (kind) return { kind, name: uid.id };
    throw wrong('principal', text, 'a principal is a User or a Service');
  }
  const [, prefix, prefixed = ''] = PREFIXED.exec(text) ?? [];
  if (prefix !== undefined) return { kind: prefix as Principal['kind'], name: prefixed };
  if (users.has(text)) return { kind: 'user', name: text };
  if (services.has(text)) return { kind: 'service', name: text };
  throw new GatehouseError('not_found', `There is no user and no service "${text}".`);
}

/** A method, or a permission of the admin API. Throws `unprocessable`. */
export function actionOf(text: string): string {
  const uid = uidOf(text);
  if (!uid) return /^[a-z]+$/.test(text) ? text.toUpperCase() : text;
  if (uid.type === 'Action') return uid.id;
  throw wrong('action', text, 'give a method such as GET, or a permission such as ca:ListCertificates');
}

/** Throws `not_found` if there is no such route, and `unprocessable` if the text names no resource. */
export function resourceOf(text: string, method: string, places: Places): AskedRoute {
  const uid = uidOf(text);
  if (uid && uid.type !== 'Route') throw wrong('resource', text, 'give a path, or a Route');
  const name = uid?.id ?? text;
  const named = places.routes.filter(({ policyName }) => policyName === name);
  const route = named.find(({ methods }) => methods?.includes(method) ?? true) ?? named[0];
  if (route) return { route, path: route.path };
  if (uid) throw new GatehouseError('not_found', `There is no route "${name}".`);
  return matched(text, method, places);
}

function matched(text: string, method: string, { table, host }: Places): AskedRoute {
  if (!/^(?:https:\/\/|\/)/i.test(text))
    throw wrong('resource', text, 'give a path such as /notes/7, or a URL');
  const { path, authority } = parseRequestTarget(text);
  const route = table.match({ method, host: authority ?? host, path });
  return { route, path };
}

function uidOf(text: string): { type: string; id: string } | undefined {
  const [, type, quoted] = UID.exec(text) ?? [];
  if (type === undefined || quoted === undefined) return undefined;
  try {
    return { type, id: JSON.parse(quoted) as string };
  } catch {
    return undefined;
  }
}

function wrong(part: string, text: string, what: string): GatehouseError {
  return new GatehouseError('unprocessable', `The ${part} ${text} is not valid: ${what}.`);
}
