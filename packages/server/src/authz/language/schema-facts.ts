// What policies can refer to. It comes from the configuration, from the store and from the admin API.
import type { Attributes } from '@gatehouse/access';

/** `mixed`: its values have different types, so policies cannot read it. */
export type AttributeType = 'string' | 'long' | 'boolean' | 'set' | 'mixed';

/** A route as policies know it. */
export interface RouteSchemaFacts {
  /** `/reports/:department`: the id of its entity. */
  name: string;
  /** The names of its path parameters. */
  params: readonly string[];
  attributes: Attributes;
  /** The group that its methods are in. */
  action?: string;
  /** The query parameters that it names. */
  query: readonly string[];
  /** The header fields that it names, in lower case. */
  headers: readonly string[];
}

export interface SchemaFacts {
  routes: readonly RouteSchemaFacts[];
  /** The attributes that users and services have. */
  principalAttributes: ReadonlyMap<string, AttributeType>;
  /** The permissions of the admin API: `ca:RevokeCertificate`, each with its groups. */
  permissions: readonly { name: string; groups: readonly string[] }[];
}

/** The types of the attributes that routes declare. */
export function routeAttributes(routes: readonly RouteSchemaFacts[]): Map<string, AttributeType> {
  const types = new Map<string, AttributeType>();
  for (const [name, value] of routes.flatMap(({ attributes }) => Object.entries(attributes))) {
    const type = typeOf(value);
    types.set(name, (types.get(name) ?? type) === type ? type : 'mixed');
  }
  return types;
}

function typeOf(value: unknown): AttributeType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'long';
  if (typeof value === 'boolean') return 'boolean';
  return 'set';
}
