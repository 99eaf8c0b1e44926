// Decisions for programs with policies, entities and questions in Cedar's JSON forms
// (https://docs.cedarpolicy.com/policies/json-format.html,
// https://docs.cedarpolicy.com/auth/entities-syntax.html).

import { createEntities } from '../entities/entities.ts';
import type { PolicySetJson } from '../language/policy-json.ts';
import type { EntityJson } from '../values/value-json.ts';
import { entityFromJson, fieldsFromJson } from '../values/value-json.ts';
import { recordValue } from '../values/values.ts';
import type { CedarAnswer } from './authorizer.ts';
import { createAuthorizer } from './authorizer.ts';

/** An entity in the form of Cedar's own tools. */
export interface EntityRecordJson {
  uid: EntityJson;
  attrs?: object;
  tags?: object;
  parents?: readonly EntityJson[];
}

/** Who wants to do what to which resource, under which circumstances. */
export interface CedarQuestion {
  principal: EntityJson;
  action: EntityJson;
  resource: EntityJson;
  context?: object;
}

/** Decides by one set of policies and entities. */
export interface Decisions {
  /**
   * Throws a `CedarError` for a question that is not in Cedar's JSON form, and an `EvaluationError` for a
   * malformed extension value in it.
   */
  isAuthorized(question: CedarQuestion): CedarAnswer;
}

/**
 * Compiles the policies once. Throws a `CedarError` for a policy with an element that is not in the language,
 * and for entities that are given twice or are their own ancestors. Throws an `EvaluationError` for a
 * malformed extension value among the entities.
 * @example
 * const { isAuthorized } = createDecisions(policies, entities);
 * const alice = { type: 'User', id: 'alice' };
 * const { allowed, reasons } = isAuthorized({ principal: alice, action, resource, context: { hour: 9 } });
 */
export function createDecisions(
  policies: PolicySetJson,
  entities: readonly EntityRecordJson[] = [],
): Decisions {
  const authorizer = createAuthorizer(policies);
  const known = createEntities(
    entities.map(({ uid, attrs = {}, tags = {}, parents = [] }) => ({
      uid: entityFromJson(uid),
      attributes: fieldsFromJson(attrs),
      tags: fieldsFromJson(tags),
      parents: parents.map(entityFromJson),
    })),
  );
  return {
    isAuthorized({ principal, action, resource, context = {} }) {
      const request = {
        principal: entityFromJson(principal),
        action: entityFromJson(action),
        resource: entityFromJson(resource),
        context: recordValue(fieldsFromJson(context)),
      };
      return authorizer.isAuthorized(request, known);
    },
  };
}
