// Cedar: policies compiled to closures, and the decisions that they make.
export type { CedarAnswer, CedarAuthorizer } from './authorizer.ts';
export { authorizerOf, createAuthorizer } from './authorizer.ts';
export { CedarError } from './cedar-error.ts';
export type { CedarQuestion, Decisions, EntityRecordJson } from './decisions.ts';
export { createDecisions } from './decisions.ts';
export type { Entities, Entity, NewEntity } from './entities.ts';
export { createEntities } from './entities.ts';
export { EvaluationError } from './evaluation-error.ts';
export type { ExplainedPart, PolicyExplanation } from './explain.ts';
export { explainPolicies } from './explain.ts';
export { expressionText, scopeText } from './expression-text.ts';
export { callExtension } from './extension-functions.ts';
export { ipAddress } from './extensions/ip-address.ts';
export type { CompiledPolicy } from './policy.ts';
export { compilePolicy } from './policy.ts';
export type {
  ActionScopeJson,
  EntityJson,
  EntityOrSlotJson,
  ExpressionJson,
  PolicyJson,
  PolicySetJson,
  ScopeJson,
  TemplateLinkJson,
} from './policy-json.ts';
export { slotsOf, withSlotsFilled } from './policy-set.ts';
export type { CedarRequest, Evaluation } from './request.ts';
export type { SlotValues } from './scope.ts';
export { stringText } from './string-text.ts';
export { entityFromJson, fieldsFromJson, valueFromJson } from './value-json.ts';
export { valueText } from './value-text.ts';
export type { EntityUid, Fields, RecordValue, SetValue, Value } from './values.ts';
export { entityUid, recordValue, setValue } from './values.ts';
