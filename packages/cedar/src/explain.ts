// Explains a decision: for each policy, whether it applies, and if not, which parts of it do not hold and
// with which values. A condition of several parts that are joined with `&&` is explained part by part.
import type { Entities } from './entities.ts';
import { EvaluationError } from './evaluation-error.ts';
import { compileExpression } from './expression.ts';
import { expressionText, scopeText } from './expression-text.ts';
import type { ActionScopeJson, ExpressionJson, PolicyJson, PolicySetJson, ScopeJson } from './policy-json.ts';
import type { LinkedPolicy } from './policy-set.ts';
import { policiesOf } from './policy-set.ts';
import type { CedarRequest, Evaluation } from './request.ts';
import { evaluationOf } from './request.ts';
import type { Constraint, SlotValues } from './scope.ts';
import { actionConstraint, principalOrResource } from './scope.ts';
import { valueText } from './value-text.ts';

/** A part of a policy that does not hold. */
export interface FailedPart {
  part: 'principal' | 'action' | 'resource' | 'when' | 'unless';
  /** In Cedar's syntax. */
  text: string;
  /** What the expressions in it came to: `principal.department` is `"sales"`. */
  values: { text: string; value: string }[];
  /** Why it could not be evaluated. */
  error?: string;
}

/** Whether a policy applies to a request, and if not, why. */
export interface PolicyExplanation {
  policy: string;
  effect: 'permit' | 'forbid';
  applies: boolean;
  /** Empty if the policy applies. */
  failed: FailedPart[];
}

/**
 * Those with the fewest failed parts come first. Throws a `CedarError`.
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

function explain({ id, json, slots }: LinkedPolicy, evaluation: Evaluation): PolicyExplanation {
  const failed = [...failedScopes(json, slots, evaluation), ...failedConditions(json, evaluation)];
  return { policy: id, effect: json.effect, applies: failed.length === 0, failed };
}

function failedScopes(json: PolicyJson, slots: SlotValues, evaluation: Evaluation): FailedPart[] {
  const { principal, principalEntity, action, actionEntity, resource, resourceEntity } = evaluation;
  const scopes = [
    { part: 'principal', uid: principal, entity: principalEntity, ...scope(json.principal, slots) },
    { part: 'action', uid: action, entity: actionEntity, ...actionScope(json.action) },
    { part: 'resource', uid: resource, entity: resourceEntity, ...scope(json.resource, slots) },
  ] as const;
  return scopes
    .filter(({ constraint, uid, entity }) => !constraint.holds(uid, entity))
    .map(({ part, text, uid }) => ({
      part,
      text: text(part),
      values: [{ text: part, value: valueText(uid) }],
    }));
}

interface TextAndConstraint {
  constraint: Constraint;
  text: (name: string) => string;
}

function scope(json: ScopeJson, slots: SlotValues): TextAndConstraint {
  return { constraint: principalOrResource(json, slots), text: (name) => scopeText(name, json) };
}

function actionScope(json: ActionScopeJson): TextAndConstraint {
  return { constraint: actionConstraint(json), text: (name) => scopeText(name, json) };
}

function failedConditions({ conditions }: PolicyJson, evaluation: Evaluation): FailedPart[] {
  return conditions.flatMap(({ kind, body }) => {
    const parts = kind === 'when' ? conjuncts(body) : [body];
    return parts.flatMap((part) => failedCondition(part, kind, evaluation) ?? []);
  });
}

function failedCondition(
  json: ExpressionJson,
  part: 'when' | 'unless',
  evaluation: Evaluation,
): FailedPart | undefined {
  const text = expressionText(json);
  try {
    if (compileExpression(json).evaluate(evaluation) === (part === 'when')) return undefined;
    return { part, text, values: operandValues(json, evaluation) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { part, text, values: operandValues(json, evaluation), error: error.message };
  }
}

/** `a && b && c` in its parts. */
function conjuncts(json: ExpressionJson): ExpressionJson[] {
  const both = json['&&'] as { left: ExpressionJson; right: ExpressionJson } | undefined;
  return both ? [...conjuncts(both.left), ...conjuncts(both.right)] : [json];
}

/** The values of the attributes and variables in an expression, each once. */
function operandValues(json: unknown, evaluation: Evaluation): FailedPart['values'] {
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
