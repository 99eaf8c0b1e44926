// Checks the clock against the authority's certificates: what they sign outside of their own life is never
// valid (RFC 5280 §6.1.3).
import type { ParsedCertificate } from '@gatehouse/x509';
import { GatehouseError } from '../../platform/errors.ts';
import type { Authority } from './hierarchy.ts';

type Validity = Pick<ParsedCertificate, 'notBefore' | 'notAfter'>;

/**
 * Whether a certificate is valid at `now`, in milliseconds since the epoch; it is through the second that
 * `notAfter` names.
 */
export function isValidAt({ notBefore, notAfter }: Validity, now: number): boolean {
  return notBefore.getTime() <= now && now < notAfter.getTime() + 1000;
}

/**
 * Throws `clock_wrong`, naming the clock, when it is before or after the life of the authority's certificate.
 */
export function requireWithinLife(
  { role, certificate }: Pick<Authority, 'role' | 'certificate'>,
  now: number,
): void {
  if (isValidAt(certificate, now)) return;
  const clock = `The clock of this machine says ${new Date(now).toISOString()}`;
  const { notBefore, notAfter } = certificate;
  if (now < notBefore.getTime()) {
    throw new GatehouseError(
      'clock_wrong',
      `${clock}, which is before the authority's ${role} certificate begins (${notBefore.toISOString()}): set the clock (NTP), ` +
        'then try again. If the clock is right, the authority was made while it was ahead: begin with a new data folder.',
    );
  }
  throw new GatehouseError(
    'clock_wrong',
    `${clock}, which is after the authority's ${role} certificate ended (${notAfter.toISOString()}): set the clock (NTP) if it is ` +
      'wrong, then try again. If it is right, begin with a new data folder.',
  );
}
