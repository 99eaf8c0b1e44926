// The scope of a policy: constraints on principal, action and resource. They never fail. The index of
// policies is built from them.
import { CedarError } from '../cedar-error.ts';
import type { Entity } from '../entities/entities.ts';
import type { ActionScopeJson, EntityOrSlotJson, ScopeJson } from '../language/policy-json.ts';
import type { EntityJson } from '../values/value-json.ts';
import { entityFromJson } from '../values/value-json.ts';
import type { EntityUid } from '../values/values.ts';

/** A constraint on one of the three. */
export interface Constraint {
  /** The request must have one of these entities, or one below. Undefined: any. */
  readonly keys: readonly string[] | undefined;
  /** The request must have an entity of this type. Undefined: any. */
  readonly type?: string;
  holds(uid: EntityUid, entity: Entity | undefined): boolean;
}

/** The values of a link for the slots of a template. */
export type SlotValues = Readonly<Record<string, EntityJson>>;

/** Throws a `CedarError`. */
export function principalOrResource(scope: ScopeJson, slots: SlotValues): Constraint {
  switch (scope.op) {
    case 'All':
      return ANY;
    case '==':
      return is(keyOf(scope, slots));
    case 'in':
      return isIn([keyOf(scope, slots)]);
    case 'is':
      return ofType(scope.entity_type, scope.in && isIn([keyOf(scope.in, slots)]));
    default:
      throw unknownScope(scope);
  }
}

/** Throws a `CedarError`. */
export function actionConstraint(scope: ActionScopeJson): Constraint {
  switch (scope.op) {
    case 'All':
      return ANY;
    case '==':
      return is(keyOf(scope, {}));
    case 'in':
      return isIn(
        ('entities' in scope ? scope.entities : [scope.entity]).map((json) => entityFromJson(json).key),
      );
    default:
      throw unknownScope(scope);
  }
}

const ANY: Constraint = { keys: undefined, holds: () => true };

function is(key: string): Constraint {
  return { keys: [key], holds: (uid) => uid.key === key };
}

function isIn(keys: readonly string[]): Constraint {
  return {
    keys,
    holds: (uid, entity) => keys.some((key) => key === uid.key || entity?.ancestors.has(key) === true),
  };
}

function ofType(type: string, below: Constraint | undefined): Constraint {
  return {
    keys: below?.keys,
    type,
    holds: (uid, entity) => uid.type === type && (below?.holds(uid, entity) ?? true),
  };
}

function keyOf(json: EntityOrSlotJson, slots: SlotValues): string {
  if ('entity' in json) return entityFromJson(json.entity).key;
  const value = slots[json.slot];
  if (value) return entityFromJson(value).key;
  throw new CedarError(`The template's link has no value for ${json.slot}.`);
}

function unknownScope(scope: object): CedarError {
  return new CedarError(`The policy has an unknown scope: ${JSON.stringify(scope)}.`);
}
