// Cedar: policies compiled to closures, and the decisions that they make.

export { CedarError } from './cedar-error.ts';
export type { CedarAnswer, CedarAuthorizer } from './decisions/authorizer.ts';
export { authorizerOf, createAuthorizer } from './decisions/authorizer.ts';
export type { CedarQuestion, Decisions, EntityRecordJson } from './decisions/decisions.ts';
export { createDecisions } from './decisions/decisions.ts';
export type { ExplainedPart, PolicyExplanation } from './decisions/explain.ts';
export { explainPolicies } from './decisions/explain.ts';
export type { Entities, Entity, NewEntity } from './entities/entities.ts';
export { createEntities } from './entities/entities.ts';
export type { CedarRequest, Evaluation } from './entities/request.ts';
export { EvaluationError } from './evaluation-error.ts';
export { expressionText, scopeText } from './language/expression-text.ts';
export type {
  ActionScopeJson,
  EntityOrSlotJson,
  ExpressionJson,
  PolicyJson,
  PolicySetJson,
  ScopeJson,
  TemplateLinkJson,
} from './language/policy-json.ts';
export type { CompiledPolicy } from './policies/policy.ts';
export { compilePolicy } from './policies/policy.ts';
export { slotsOf, withSlotsFilled } from './policies/policy-set.ts';
export type { SlotValues } from './policies/scope.ts';
export { callExtension } from './values/extensions/extension-functions.ts';
export { ipAddress } from './values/extensions/ip-address.ts';
export { stringText } from './values/string-text.ts';
export type { EntityJson } from './values/value-json.ts';
export { entityFromJson, fieldsFromJson, valueFromJson } from './values/value-json.ts';
export { valueText } from './values/value-text.ts';
export type { EntityUid, Fields, RecordValue, SetValue, Value } from './values/values.ts';
export { entityUid, recordValue, setValue } from './values/values.ts';
