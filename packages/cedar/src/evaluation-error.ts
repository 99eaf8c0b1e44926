// Why a policy could not be evaluated. Cedar skips such a policy and reports it. Each place in a policy that
// can fail creates its error once, because a new stack for each request would be slow.

/**
 * A policy that raises it has no effect on the decision.
 * @example
 * if (error instanceof EvaluationError) console.error(error.message);
 */
export class EvaluationError extends Error {
  override name = 'EvaluationError';
}
