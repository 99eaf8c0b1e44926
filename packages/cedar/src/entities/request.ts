// The input of a policy: who wants to do what to which resource, in which context.

import type { EntityUid, RecordValue } from '../values/values.ts';
import type { Entities, Entity } from './entities.ts';

/** A question, with the names of its entities. */
export interface CedarRequest {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: RecordValue;
}

/** A request with its entities. */
export interface Evaluation extends CedarRequest {
  readonly entities: Entities;
  readonly principalEntity: Entity | undefined;
  readonly actionEntity: Entity | undefined;
  readonly resourceEntity: Entity | undefined;
}

export function evaluationOf(request: CedarRequest, entities: Entities): Evaluation {
  const { principal, action, resource, context } = request;
  return {
    principal,
    action,
    resource,
    context,
    entities,
    principalEntity: entities.get(principal.key),
    actionEntity: entities.get(action.key),
    resourceEntity: entities.get(resource.key),
  };
}
