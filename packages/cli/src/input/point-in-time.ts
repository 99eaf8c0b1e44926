// A point in time: a date or time such as 2030-01-31 or 2030-01-31T12:00:00Z (RFC 3339), or a duration from
// now, such as 90d.
import { parseDuration } from './duration.ts';

export interface PointInTime {
  /** Of a duration. */
  seconds?: number;
  /** Milliseconds since 1970, like `now`: a duration is in the future. */
  after(now: number): number;
  /** A duration is in the past. */
  before(now: number): number;
}

const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Throws `TypeError`. A date without a time means its beginning in UTC, to the millisecond. */
export function parsePointInTime(text: string): PointInTime {
  if (!/^\d{4}-/.test(text)) {
    const seconds = durationIn(text);
    return { seconds, after: (now) => now + seconds * 1000, before: (now) => now - seconds * 1000 };
  }
  const time = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw notTime();
  return { after: () => time, before: () => time };
}

function durationIn(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw notTime();
  }
}

function notTime(): TypeError {
  return new TypeError('expected a time such as 2030-01-31T12:00:00Z, or a duration such as 90d');
}
