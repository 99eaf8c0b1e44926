// What is wrong with policies, entities or values that are given to this package.

/**
 * Thrown for what is not in Cedar's language, or not usable: never guessed.
 * @example
 * if (error instanceof CedarError) console.error(error.message);
 */
export class CedarError extends Error {
  override name = 'CedarError';
  readonly code = 'policy_invalid';
}
