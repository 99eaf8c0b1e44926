// The names that policies can use, for each place where a name can occur.
import type { Asked } from './policy-walk.ts';
import { CONTEXT_NAMES } from './schema.ts';
import type { SchemaFacts } from './schema-facts.ts';
import { routeAttributes } from './schema-facts.ts';

export function knownNames(owner: Asked['owner'], facts: SchemaFacts): readonly string[] {
  const { routes, principalAttributes } = facts;
  switch (owner) {
    case 'principal':
      return ['name', ...principalAttributes.keys()];
    case 'resource':
      return [...routeAttributes(routes).keys()];
    case 'context':
      return CONTEXT_NAMES;
    default:
      return routes.flatMap((route) => route[owner]);
  }
}
