// Cedar: policies compiled to closures, and the decisions that they make.
export type { CedarAnswer, CedarAuthorizer } from './authorizer.ts';
export { createAuthorizer } from './authorizer.ts';
export type { Entities, Entity, NewEntity } from './entities.ts';
export { createEntities } from './entities.ts';
export type { FailedPart, PolicyExplanation } from './explain.ts';
export { explainPolicies } from './explain.ts';
export { expressionText, scopeText } from './expression-text.ts';
export type {
  EntityJson,
  EntityOrSlotJson,
  PolicyJson,
  PolicySetJson,
  ScopeJson,
} from './policy-json.ts';
export type { CedarRequest } from './request.ts';
export type { SlotValues } from './scope.ts';
export { stringText } from './string-text.ts';
export { entityFromJson, fieldsFromJson, valueFromJson } from './value-json.ts';
export type { EntityUid, Fields, RecordValue, Value } from './values.ts';
export { entityUid, recordValue, setValue } from './values.ts';
