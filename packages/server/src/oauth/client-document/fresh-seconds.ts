// How long a fetched document may be used (RFC 9111 §4.2), within bounds: so that each sign-in does not fetch
// it again, and a change of the document counts within a day.
import type { IncomingHttpHeaders } from 'node:http';

const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 86_400;
/** Of a document that does not say. */
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
