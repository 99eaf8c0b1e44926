// How long a fetched document may be used (RFC 9111 §4.2). The limits prevent a fetch at each sign-in, and
// apply a change of the document within a day.
import type { IncomingHttpHeaders } from 'node:http';

const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 86_400;
/** The time for a document that does not give one. */
const USUAL_SECONDS = 900;

export function freshSeconds(headers: IncomingHttpHeaders): number {
  const seconds = lifetime(headers) - Number(headers.age ?? 0);
  if (!Number.isFinite(seconds)) return SHORTEST_SECONDS;
  return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, seconds));
}

function lifetime({ 'cache-control': control = '', expires, date }: IncomingHttpHeaders): number {
  if (/(?:^|,)\s*(?:no-store|no-cache)\s*(?:,|$)/i.test(control)) return 0;
  const [, maxAge] = /(?:^|,)\s*max-age\s*=\s*"?(\d{1,9})"?/i.exec(control) ?? [];
  if (maxAge !== undefined) return Number(maxAge);
  if (expires === undefined) return USUAL_SECONDS;
  return (Date.parse(expires) - Date.parse(date ?? '')) / 1000;
}
