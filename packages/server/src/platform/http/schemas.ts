// Schemas that many routes share.
import { z } from 'zod';

/** A time in an answer: RFC 3339, in UTC. */
export const timestamp = z.iso.datetime();

/** For answers to requests that give roles. */
export const warnings = z
  .array(z.string())
  .describe('Possible mistakes: roles that no route or policy names, and policies in force that do not fit');

/** Milliseconds since 1970 as an answer has them. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/**
 * A whole number in a query: decimal digits and nothing else. `Number` reads much more, such as `1e3`, `0x10`
 * and an empty text.
 */
export function wholeNumber({ min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number }) {
  return z.preprocess(numberOf, z.int().min(min).max(max));
}

/** Other texts stay unchanged, so that the schema refuses them. */
function numberOf(text: unknown): unknown {
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text;
}

/** The maximum number of entries of a list. */
export function limit(initial: number) {
  const description = `The greatest number of entries. Default: ${initial}`;
  return wholeNumber({ min: 1, max: 1000 }).default(initial).describe(description);
}
