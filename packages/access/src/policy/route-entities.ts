// Routes as Cedar resources, and methods as actions on them. Both are created once for each route, because
// the object of a route never changes.
import type { Entity } from '@gatehouse/cedar';
import { entityUid } from '@gatehouse/cedar';
import type { Attributes } from '../principals/attributes.ts';
import type { Resource } from './policy.ts';
import { attributeFields } from './principal-entities.ts';

/** A route with one of its methods. */
export interface RouteAction {
  readonly resource: Entity;
  readonly action: Entity;
}

/**
 * The methods that only read: the safe methods of RFC 9110 §9.2.1 and of the HTTP method registry.
 * @example
 * const group = SAFE_METHODS.includes(method) ? 'read' : 'write';
 */
export const SAFE_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'OPTIONS',
  'PROPFIND',
  'QUERY',
  'REPORT',
  'SEARCH',
  'TRACE',
];

/**
 * The groups of a method on every route: `read` or `write`.
 * @example
 * actionGroups('DELETE'); // ['write']
 */
export function actionGroups(method: string): readonly string[] {
  return [SAFE_METHODS.includes(method) ? 'read' : 'write'];
}

/**
 * @example
 * const { resource, action } = createRouteEntities()(route, 'GET');
 */
export function createRouteEntities(): (route: Resource, method: string) => RouteAction {
  const known = new WeakMap<Resource, Map<string, RouteAction>>();

  function actionsOf(route: Resource): Map<string, RouteAction> {
    let actions = known.get(route);
    if (!actions) {
      actions = new Map();
      known.set(route, actions);
    }
    return actions;
  }

  return (route, method) => {
    const actions = actionsOf(route);
    let found = actions.get(method);
    if (!found) {
      const resource = actions.values().next().value?.resource ?? resourceEntity(route);
      found = { resource, action: actionEntity(route, method) };
      actions.set(method, found);
    }
    return found;
  };
}

const NONE = new Map();

function resourceEntity({ id, policyName = id, attributes = {} }: Resource): Entity {
  return {
    uid: entityUid('Route', policyName),
    // The configuration has checked them.
    attributes: attributeFields(attributes as Attributes),
    tags: NONE,
    ancestors: new Set(),
  };
}

function actionEntity({ action }: Resource, method: string): Entity {
  const groups = [...actionGroups(method), ...(action === undefined ? [] : [action])];
  return {
    uid: entityUid('Action', method),
    attributes: NONE,
    tags: NONE,
    ancestors: new Set(groups.map((group) => entityUid('Action', group).key)),
  };
}
