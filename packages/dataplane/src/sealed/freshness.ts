// Whether a sealed request is new: its inner Date is near our time (RFC 9458 §6.5.1), and all processes
// together accept its encapsulation only once.
import { createHash } from 'node:crypto';
import type { Claims, Clock, Sealing } from '@gatehouse/access';
import { GatehouseError, uncertain } from '@gatehouse/access';

export interface SealedUse {
  /** The inner Date. */
  date: string | undefined;
  /** The encapsulated secret. */
  encapsulated: Uint8Array;
  /** The party whose limit of claims it uses. */
  party: string;
}

/** IMF-fixdate, the only form that may be sent (RFC 9110 §5.6.7). */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Throws or rejects with `sealed_request_date`, `sealed_request_replayed` or `unavailable`. */
export async function requireFresh(
  { claims, clock }: { claims: Claims; clock: Clock },
  { windowSeconds, notBefore, run }: Pick<Sealing, 'windowSeconds' | 'notBefore' | 'run'>,
  { date, encapsulated, party }: SealedUse,
): Promise<void> {
  const madeAt = timeOf(date);
  const windowMs = windowSeconds * 1000;
  if (Math.abs(clock.now() - madeAt) > windowMs || madeAt < notBefore * 1000) {
    throw wrongDate(
      `The Date inside the sealed request must be within ${windowSeconds} seconds of our time: see Date.`,
    );
  }
  const key = `ohttp:${createHash('sha256').update(encapsulated).digest('base64url')}`;
  const outcome = await claims.claim({
    key,
    party: `ohttp:${party}`,
    madeAt,
    expiresAt: madeAt + windowMs + 1,
    run,
  });
  if (outcome === 'first') return;
  if (outcome === 'again') {
    throw new GatehouseError(
      'sealed_request_replayed',
      'This sealed request was used before: seal a new one.',
    );
  }
  throw uncertain(outcome, 'Too many sealed requests came from this address: try again soon.');
}

function timeOf(date: string | undefined): number {
  const time = date !== undefined && DATE.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(time)) throw wrongDate('A sealed request needs the field Date inside.');
  return time;
}

function wrongDate(detail: string): GatehouseError {
  return new GatehouseError('sealed_request_date', detail);
}
