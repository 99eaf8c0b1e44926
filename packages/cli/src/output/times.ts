// Times and spans of time for people. JSON documents have the server's own text.

/** RFC 3339 without fractions of a second. Other text and `null` are not changed. */
export function shortTime<Text extends string | null>(text: Text): Text {
  return (text?.replace(/\.\d+Z$/, 'Z') ?? null) as Text;
}

/**
 * `45 s`, `12 min`, `23 h`, `6 days`, `9 years`: in the largest unit of which there are at least two. Rounds
 * down.
 */
export function span(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 2 * MINUTE) return `${seconds} s`;
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)} days`;
  return `${Math.floor(seconds / YEAR)} years`;
}

/** `in 23 h`, or `2 days ago`, of RFC 3339 text. */
export function fromNow(time: string, now: Date): string {
  const milliseconds = Date.parse(time) - now.getTime();
  return milliseconds < 0 ? `${span(-milliseconds)} ago` : `in ${span(milliseconds)}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
