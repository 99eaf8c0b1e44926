// One compiled policy: its effect, its scope and its conditions.
import { CedarError } from '../cedar-error.ts';
import type { Evaluation } from '../entities/request.ts';
import { compileExpression } from '../expressions/expression.ts';
import type { Evaluate } from '../expressions/node.ts';
import { truth } from '../expressions/operators.ts';
import type { PolicyJson } from '../language/policy-json.ts';
import type { Constraint, SlotValues } from './scope.ts';
import { actionConstraint, principalOrResource } from './scope.ts';

/** A policy whose scope and conditions are functions. */
export interface CompiledPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly principal: Constraint;
  readonly action: Constraint;
  readonly resource: Constraint;
  /** Whether its scope matches the request. */
  scopeHolds(evaluation: Evaluation): boolean;
  /** Whether the policy applies, if its scope matches. Throws an `EvaluationError` if a condition fails. */
  conditionsHold(evaluation: Evaluation): boolean;
}

/**
 * `slots` are the values of a template's link. Throws a `CedarError` for an element that is not in the
 * language.
 * @example
 * const policy = compilePolicy('policy0', json);
 */
export function compilePolicy(id: string, json: PolicyJson, slots: SlotValues = {}): CompiledPolicy {
  requireOneOf(['permit', 'forbid'], json.effect);
  const principal = principalOrResource(json.principal, slots);
  const action = actionConstraint(json.action);
  const resource = principalOrResource(json.resource, slots);
  return {
    id,
    effect: json.effect,
    principal,
    action,
    resource,
    scopeHolds: (evaluation) =>
      principal.holds(evaluation.principal, evaluation.principalEntity) &&
      action.holds(evaluation.action, evaluation.actionEntity) &&
      resource.holds(evaluation.resource, evaluation.resourceEntity),
    conditionsHold: conditionsOf(json),
  };
}

function conditionsOf({ conditions }: PolicyJson): (evaluation: Evaluation) => boolean {
  const all = conditions.map(({ kind, body }) => {
    requireOneOf(['when', 'unless'], kind);
    return condition(compileExpression(body).evaluate, kind === 'when');
  });
  const [first = () => true, ...more] = all;
  return more.reduce((before, holds) => (evaluation) => before(evaluation) && holds(evaluation), first);
}

function condition(evaluate: Evaluate, expected: boolean): (evaluation: Evaluation) => boolean {
  return (evaluation) => truth(evaluate(evaluation)) === expected;
}

/** The types of JSON that may come from a stranger. */
function requireOneOf(known: readonly string[], word: unknown): void {
  if (known.includes(word as string)) return;
  throw new CedarError(`The policy has ${JSON.stringify(word)} in place of ${known.join(' or ')}.`);
}
