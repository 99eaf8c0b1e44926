// The dates that a client may ask for in an order (RFC 8555 §7.4).
import { AcmeError } from '../problem.ts';
import type { Order } from '../types.ts';

const HOUR_MS = 3_600_000;

/**
 * The dates that a client asks for. The profile is checked again when the certificate is signed. Throws
 * `malformed`.
 */
export function readValidity(
  wish: { notBefore?: string | undefined; notAfter?: string | undefined },
  { now, maxLifetime }: { now: number; maxLifetime: number },
): Pick<Order, 'notBefore' | 'notAfter'> {
  const notBefore = wish.notBefore === undefined ? undefined : Date.parse(wish.notBefore);
  const notAfter = wish.notAfter === undefined ? undefined : Date.parse(wish.notAfter);
  const from = notBefore ?? now;
  const longest = from + maxLifetime * 1000;
  if (notBefore !== undefined && notBefore < now - HOUR_MS) throw badDate('"notBefore" is in the past');
  if (notBefore !== undefined && notBefore > now + maxLifetime * 1000)
    throw badDate('"notBefore" is too far in the future');
  if (notAfter !== undefined && notAfter <= Math.max(from, now)) throw badDate('"notAfter" is too early');
  if (notAfter !== undefined && notAfter > longest) {
    throw badDate(`"notAfter" may be at most ${new Date(longest).toISOString()}`);
  }
  return { notBefore, notAfter };
}

// The authority backdates certificates only by this time. A certificate that should begin earlier begins when
// it is signed.
const PAST_MS = 4 * 60_000;

/** The dates of the certificate. */
export function datesOf({ notBefore, notAfter }: Order, now: number): { notBefore?: Date; notAfter?: Date } {
  return {
    ...(notBefore !== undefined && notBefore > now - PAST_MS && { notBefore: new Date(notBefore) }),
    ...(notAfter !== undefined && { notAfter: new Date(notAfter) }),
  };
}

function badDate(problem: string): AcmeError {
  return new AcmeError('malformed', `${problem}.`);
}
