// Explains a decision: for each policy, whether it applies and why, or which parts are false and their
// values. A condition of several parts with `&&` is explained part by part.
import type { Entities } from '../entities/entities.ts';
import type { CedarRequest, Evaluation } from '../entities/request.ts';
import { evaluationOf } from '../entities/request.ts';
import { EvaluationError } from '../evaluation-error.ts';
import { compileExpression } from '../expressions/expression.ts';
import { expressionText, scopeText } from '../language/expression-text.ts';
import type {
  ActionScopeJson,
  ExpressionJson,
  PolicyJson,
  PolicySetJson,
  ScopeJson,
} from '../language/policy-json.ts';
import type { LinkedPolicy } from '../policies/policy-set.ts';
import { policiesOf, withSlotsFilled } from '../policies/policy-set.ts';
import type { Constraint } from '../policies/scope.ts';
import { actionConstraint, principalOrResource } from '../policies/scope.ts';
import { valueText } from '../values/value-text.ts';

/** A part of a policy, with its result. */
export interface ExplainedPart {
  part: 'principal' | 'action' | 'resource' | 'when' | 'unless';
  /** In Cedar's syntax. */
  text: string;
  /** The values of the expressions in it: `principal.department` is `"sales"`. */
  values: { text: string; value: string }[];
  /** Why it could not be evaluated. */
  error?: string;
}

/** Whether a policy applies to a request, and why or why not. */
export interface PolicyExplanation {
  policy: string;
  effect: 'permit' | 'forbid';
  applies: boolean;
  /** The conditions that are not met. Empty if the policy applies. */
  failed: ExplainedPart[];
  /**
   * Why the policy applies: its scope, its conditions, and the false parts of each exception. Empty if it
   * does not apply.
   */
  because: ExplainedPart[];
}

/**
 * The policies with the fewest failed parts come first. Throws a `CedarError`.
 * @example
 * const [nearest] = explainPolicies(policies, request, entities).filter(({ effect }) => effect === 'permit');
 */
export function explainPolicies(
  policies: PolicySetJson,
  request: CedarRequest,
  entities: Entities,
): PolicyExplanation[] {
  const evaluation = evaluationOf(request, entities);
  return policiesOf(policies)
    .map((policy) => explain(policy, evaluation))
    .sort((one, other) => one.failed.length - other.failed.length);
}

function explain({ id, json: written, slots }: LinkedPolicy, evaluation: Evaluation): PolicyExplanation {
  const json = withSlotsFilled(written, slots);
  const scopes = scopesOf(json, evaluation);
  const failed = [
    ...scopes.filter(({ holds }) => !holds).map(({ part }) => part),
    ...failedConditions(json, evaluation),
  ];
  const applies = failed.length === 0;
  const because = applies ? [...scopes.map(({ part }) => part), ...reasonsIn(json, evaluation)] : [];
  return { policy: id, effect: json.effect, applies, failed, because };
}

/** The scopes that restrict something. */
function scopesOf(json: PolicyJson, evaluation: Evaluation): { holds: boolean; part: ExplainedPart }[] {
  const { principal, principalEntity, action, actionEntity, resource, resourceEntity } = evaluation;
  const scopes = [
    { part: 'principal', uid: principal, entity: principalEntity, ...scope(json.principal) },
    { part: 'action', uid: action, entity: actionEntity, ...actionScope(json.action) },
    { part: 'resource', uid: resource, entity: resourceEntity, ...scope(json.resource) },
  ] as const;
  return scopes
    .filter(({ json: { op } }) => op !== 'All')
    .map(({ part, uid, entity, constraint, json: scoped }) => ({
      holds: constraint.holds(uid, entity),
      part: { part, text: scopeText(part, scoped), values: [{ text: part, value: valueText(uid) }] },
    }));
}

interface Scope {
  json: ScopeJson | ActionScopeJson;
  constraint: Constraint;
}

function scope(json: ScopeJson): Scope {
  return { json, constraint: principalOrResource(json, {}) };
}

function actionScope(json: ActionScopeJson): Scope {
  return { json, constraint: actionConstraint(json) };
}

/** Why the conditions of a policy that applies are met. */
function reasonsIn({ conditions }: PolicyJson, evaluation: Evaluation): ExplainedPart[] {
  return conditions.flatMap(({ kind, body }): ExplainedPart[] => {
    const parts = conjuncts(body);
    if (kind === 'when')
      return parts.map((json) => ({
        part: kind,
        text: expressionText(json),
        values: operandValues(json, evaluation),
      }));
    const lacking = parts.flatMap((json) => failedCondition(json, 'when', evaluation) ?? []);
    return lacking.map((part) => ({ ...part, part: kind }));
  });
}

function failedConditions({ conditions }: PolicyJson, evaluation: Evaluation): ExplainedPart[] {
  return conditions.flatMap(({ kind, body }) => {
    const parts = kind === 'when' ? conjuncts(body) : [body];
    return parts.flatMap((part) => failedCondition(part, kind, evaluation) ?? []);
  });
}

function failedCondition(
  json: ExpressionJson,
  part: 'when' | 'unless',
  evaluation: Evaluation,
): ExplainedPart | undefined {
  const text = expressionText(json);
  try {
    if (compileExpression(json).evaluate(evaluation) === (part === 'when')) return undefined;
    return { part, text, values: operandValues(json, evaluation) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { part, text, values: operandValues(json, evaluation), error: error.message };
  }
}

/** The parts of `a && b && c`. */
function conjuncts(json: ExpressionJson): ExpressionJson[] {
  const both = json['&&'] as { left: ExpressionJson; right: ExpressionJson } | undefined;
  return both ? [...conjuncts(both.left), ...conjuncts(both.right)] : [json];
}

/** The values of the attributes and variables in an expression, each once. */
function operandValues(json: unknown, evaluation: Evaluation): ExplainedPart['values'] {
  const found = new Map<string, string>();
  collect(json, (operand) => {
    const text = expressionText(operand);
    try {
      found.set(text, valueText(compileExpression(operand).evaluate(evaluation)));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      found.set(text, 'missing');
    }
  });
  return [...found].map(([text, value]) => ({ text, value }));
}

/** Calls `visit` with the outermost attributes, tags and variables other than the context. */
function collect(json: unknown, visit: (operand: ExpressionJson) => void): void {
  if (typeof json !== 'object' || json === null) return;
  const operand = json as ExpressionJson;
  const isVariable = 'Var' in operand && operand.Var !== 'context';
  if ('.' in operand || 'getTag' in operand || isVariable) visit(operand);
  else if (!('Value' in operand)) for (const part of Object.values(operand)) collect(part, visit);
}
