// The schema of policies, in Cedar's syntax (https://docs.cedarpolicy.com/schema/human-readable-schema.html).
// People and editors read it, and Cedar's validator uses variants of it.
import { actionGroups } from '@gatehouse/access';
import {
  type AttributeType,
  type RouteSchemaFacts,
  routeAttributes,
  type SchemaFacts,
} from './schema-facts.ts';

/** The methods of RFC 9110 §9.3 and RFC 5789. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT'];

/** Which requests a schema describes. */
export interface SchemaVariant {
  /**
   * Whether optional members count as present. A policy that permits may read them: without the member, it
   * has no effect.
   */
  isLenient: boolean;
  /** Whether it has the admin API. */
  hasAdmin: boolean;
  /** The route of the requests; absent: all routes. */
  route?: string;
  /** Methods besides the common ones. */
  methods?: readonly string[];
  /** The actions of routes that contain the methods; absent: all actions of the routes. */
  actions?: readonly string[];
}

const EVERYTHING: SchemaVariant = { isLenient: false, hasAdmin: true };

/**
 * @example
 * console.log(schemaText({ routes, principalAttributes, permissions }));
 */
export function schemaText(facts: SchemaFacts, variant: SchemaVariant = EVERYTHING): string {
  const { principalAttributes } = facts;
  const { methods = [] } = variant;
  const routes = routesIn(facts, variant);
  const { actions = actionsOf(routes) } = variant;
  const person = record([['name', 'String'], ...optional(principalAttributes)]);
  const parts = [
    '// Callers. Attributes that end with a question mark may be absent: ask with `has` first.',
    'entity Role in [Role];',
    'entity Group;',
    `entity User in [Role, Group] = ${person};`,
    `entity Service in [Role] = ${person};`,
    `entity Operator in [Role] = ${person};`,
    'entity ApiKey, OAuthClient;',
    '// Values of different types: policies can test with `has` whether they exist, but cannot read them.',
    'entity Mixed;',
    '',
    '// Resources: the routes of the gateway, and the admin API.',
    `entity Route = ${record(declaredAttributes(routes))};`,
    'entity Server;',
    '',
    '// The gateway: each method is an action.',
    `type RequestContext = ${contextType(routes, variant.isLenient)};`,
    ...gatewayActions(actionsOf(facts.routes), { methods, actions }),
    ...(variant.hasAdmin ? adminActions(facts) : []),
  ];
  return `${parts.join('\n')}\n`;
}

type Member = readonly [name: string, type: string];

/** If all of these routes declare an attribute, every request has it. */
function declaredAttributes(routes: readonly RouteSchemaFacts[]): Member[] {
  return optional(routeAttributes(routes), (name) =>
    routes.every(({ attributes }) => Object.hasOwn(attributes, name)),
  );
}

/** No operation accepts an entity of the type `Mixed`, so no policy that reads the attribute is valid. */
const TYPES: Readonly<Record<AttributeType, string>> = {
  string: 'String',
  long: 'Long',
  boolean: 'Bool',
  set: 'Set<String>',
  mixed: 'Mixed',
};

function optional(
  types: ReadonlyMap<string, AttributeType>,
  isRequired = (_name: string) => false,
): Member[] {
  return [...types]
    .filter(([name]) => name !== 'name')
    .map(([name, type]) => member(name, TYPES[type], isRequired(name)));
}

function member(name: string, type: string, isRequired: boolean): Member {
  return [`${nameText(name)}${isRequired ? '' : '?'}`, type];
}

function contextType(routes: readonly RouteSchemaFacts[], isLenient: boolean): string {
  return record([
    ['method', 'String'],
    ['path', 'String'],
    ['params', paramsType(routes, isLenient)],
    [
      'query',
      named(
        routes.flatMap(({ query }) => query),
        isLenient,
      ),
    ],
    [
      'headers',
      named(
        routes.flatMap(({ headers }) => headers),
        isLenient,
      ),
    ],
    ...CIRCUMSTANCES,
  ]);
}

const CIRCUMSTANCES: readonly Member[] = [
  ['address?', 'ipaddr'],
  ['time', 'datetime'],
  ['tls?', '{ version: String, group?: String, certificate?: { serial: String } }'],
  ['via', 'String'],
  ['amr', 'Set<String>'],
  ['signInAge?', 'duration'],
  ['scopes', 'Set<String>'],
  ['binding?', 'String'],
  ['apiKey?', 'ApiKey'],
  ['client?', 'OAuthClient'],
];

/** The members that a context can have. */
export const CONTEXT_NAMES: readonly string[] = [
  'method',
  'path',
  'params',
  'query',
  'headers',
  ...CIRCUMSTANCES.map(([name]) => name.replace('?', '')),
];

function paramsType(routes: readonly RouteSchemaFacts[], isLenient: boolean): string {
  const names = unique(routes.flatMap(({ params }) => params));
  const isRequired = (name: string) => isLenient || routes.every(({ params }) => params.includes(name));
  return oneLine(names.map((name) => member(name, 'String', isRequired(name))));
}

function named(names: readonly string[], isRequired: boolean): string {
  return oneLine(unique(names).map((name) => member(name, 'String', isRequired)));
}

/** The routes of the requests of a variant. */
export function routesIn({ routes }: SchemaFacts, { route }: SchemaVariant): readonly RouteSchemaFacts[] {
  return routes.filter(({ name }) => route === undefined || name === route);
}

function actionsOf(routes: readonly RouteSchemaFacts[]): string[] {
  return unique(routes.flatMap(({ action }) => action ?? []));
}

function gatewayActions(
  known: readonly string[],
  { methods, actions }: Required<Pick<SchemaVariant, 'methods' | 'actions'>>,
): string[] {
  const all = unique([...METHODS, ...methods]);
  const line = (group: string) => {
    const names = all.filter((name) => actionGroups(name).includes(group));
    return `action ${list(names)} in ${brackets([group, ...actions])} appliesTo { principal: [User, Service, Operator], resource: [Route], context: RequestContext };`;
  };
  return [`action ${list(unique(['read', 'write', ...known]))};`, line('read'), line('write')];
}

function adminActions({ permissions }: SchemaFacts): string[] {
  const groups = unique(permissions.flatMap((permission) => permission.groups));
  return [
    '',
    '// The admin API: each permission is an action.',
    `type AdminContext = ${contextType([], false)};`,
    ...(groups.length > 0 ? [`action ${list(groups)};`] : []),
    ...permissions.map(
      (permission) =>
        `action ${JSON.stringify(permission.name)} in ${brackets(permission.groups)} appliesTo { principal: [User, Service, Operator], resource: [Server], context: AdminContext };`,
    ),
  ];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KEYWORDS = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar']);

function nameText(name: string): string {
  return IDENTIFIER.test(name) && !KEYWORDS.has(name) ? name : JSON.stringify(name);
}

function record(members: readonly Member[]): string {
  if (members.length === 0) return '{}';
  return `{\n${members.map(([name, type]) => `  ${name}: ${type},\n`).join('')}}`;
}

function oneLine(members: readonly Member[]): string {
  if (members.length === 0) return '{}';
  return `{ ${members.map(([name, type]) => `${name}: ${type}`).join(', ')} }`;
}

function list(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}

function brackets(names: readonly string[]): string {
  return `[${list(unique(names))}]`;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
