// Schemas that many routes share.
import { z } from 'zod';

/** A time in an answer: RFC 3339, in UTC. */
export const timestamp = z.iso.datetime();

/** Milliseconds since 1970 as an answer has them. */
export function toTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** How many entries a list has at most. */
export function limit(initial: number) {
  return z.coerce.number().int().min(1).max(1000).default(initial).describe('How many entries at most');
}
