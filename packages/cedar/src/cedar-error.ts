// Errors in policies, entities or values from a caller.

/**
 * Thrown for input that is not in Cedar's language, or cannot be used. Such input is refused, never
 * interpreted by a guess.
 * @example
 * if (error instanceof CedarError) console.error(error.message);
 */
export class CedarError extends Error {
  override name = 'CedarError';
  readonly code = 'policy_invalid';
}
