// Checks the clock against the authority's certificates. Signatures outside the lifetime of these
// certificates are not valid (RFC 5280 §6.1.3).
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import type { Authority } from './hierarchy.ts';

type Validity = Pick<ParsedCertificate, 'notBefore' | 'notAfter'>;

/**
 * Whether a certificate is valid at `now`, in milliseconds since the epoch; it is also valid during the
 * second of `notAfter`.
 */
export function isValidAt({ notBefore, notAfter }: Validity, now: number): boolean {
  return notBefore.getTime() <= now && now < notAfter.getTime() + 1000;
}

/**
 * Throws `clock_wrong`, with the time, if the clock is before or after the life of the authority's
 * certificate.
 */
export function requireWithinLife(
  { role, certificate }: Pick<Authority, 'role' | 'certificate'>,
  now: number,
): void {
  if (isValidAt(certificate, now)) return;
  const { notBefore, notAfter } = certificate;
  const isEarly = now < notBefore.getTime();
  const problem = isEarly
    ? `before the authority's ${role} certificate begins (${notBefore.toISOString()})`
    : `after the authority's ${role} certificate ended (${notAfter.toISOString()})`;
  throw new GatehouseError(
    'clock_wrong',
    `The clock of this machine says ${new Date(now).toISOString()}, which is ${problem}: set the clock (NTP), ` +
      `then try again. If the clock is right, ${isEarly ? WHEN_EARLY : WHEN_ENDED[role]}.`,
  );
}

const WHEN_EARLY = 'the authority was created while the clock was ahead: begin with a new data folder';
const WHEN_ENDED = {
  root: 'begin with a new data folder',
  intermediate:
    "replace the intermediate with 'gatehouse ca rotate', or with 'gatehouse ca request' and 'gatehouse ca import' if " +
    "the root's key is stored elsewhere",
};
