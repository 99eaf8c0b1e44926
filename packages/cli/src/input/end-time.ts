// When something ends: after a duration such as 90d, or at a date or time such as 2030-01-31T12:00:00Z (RFC 3339).
import { parseDuration } from './duration.ts';

export interface EndOfKey {
  /** Whole seconds from `now`, in milliseconds since 1970. */
  secondsFrom(now: number): number;
}

const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Throws `TypeError`. A date without a time means its beginning in UTC. */
export function parseEnd(text: string): EndOfKey {
  if (!/^\d{4}-/.test(text)) {
    const seconds = parseDuration(text);
    return { secondsFrom: () => seconds };
  }
  const end = DATE.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(end)) throw new TypeError('expected a duration such as 90d, or a time such as 2030-01-31');
  if (end <= Date.now()) throw new TypeError('expected a time that is not over');
  return { secondsFrom: (now) => Math.max(1, Math.floor((end - now) / 1000)) };
}
