// A compiled expression.

import type { Entity } from '../entities/entities.ts';
import type { Evaluation } from '../entities/request.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { Value } from '../values/values.ts';

/** Throws an `EvaluationError` if the expression fails for this request. */
export type Evaluate = (evaluation: Evaluation) => Value;

export interface Node {
  readonly evaluate: Evaluate;
  /** Its value if it is the same for all requests. */
  readonly constant: Value | undefined;
  /** Its entity, if finding it needs no search. */
  readonly entity?: (evaluation: Evaluation) => Entity | undefined;
}

export function constantNode(constant: Value): Node {
  return { evaluate: () => constant, constant };
}

/** Its value depends on the request. */
export function dependentNode(evaluate: Evaluate): Node {
  return { evaluate, constant: undefined };
}

/** Its value depends only on its operands, so it is constant if they are. */
export function foldedNode(operands: readonly (Value | undefined)[], evaluate: Evaluate): Node {
  if (operands.includes(undefined)) return dependentNode(evaluate);
  try {
    // The request is not read.
    return constantNode(evaluate(undefined as never));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return dependentNode(() => {
      throw error;
    });
  }
}
