// Retry-After (RFC 9110 §10.2.3): a number of seconds, or a date.
const LONGEST_MS = 7 * 86_400_000;

/**
 * Milliseconds since the epoch, at most a week from now; undefined without the field, or if its value is no
 * time.
 */
export function retryTime(field: string | undefined, now: number): number | undefined {
  if (field === undefined) return undefined;
  const time = /^\d+$/.test(field.trim()) ? now + Number(field) * 1000 : Date.parse(field);
  if (Number.isNaN(time)) return undefined;
  return Math.min(Math.max(time, now), now + LONGEST_MS);
}
