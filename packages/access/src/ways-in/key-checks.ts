// The checks at every use of a service's key of any kind.
import { GatehouseError } from '../errors/errors.ts';
import type { KeyFacts, ServiceFacts } from '../principals/principals.ts';

/** How far the clocks of two machines may differ. */
const TOLERANCE_MS = 60_000;

export function requireEnabled(name: string, service: ServiceFacts | undefined): void {
  if (!service?.disabled) return;
  throw new GatehouseError('credential_invalid', `The service "${name}" is disabled.`);
}

/**
 * A key that was created while the clock was ahead would be valid for too long. `what` names its kind,
 * as in `The API key`.
 */
export function requireUnexpired({ expiresAt, createdAt = 0 }: KeyFacts, now: number, what: string): void {
  if (expiresAt === null) return;
  if (expiresAt <= now) {
    throw new GatehouseError('credential_invalid', `${what} has expired: create a new one.`);
  }
  if (createdAt <= now + TOLERANCE_MS) return;
  throw new GatehouseError(
    'credential_invalid',
    `${what} was created while the clock was ahead, so it would expire too late: create a new one.`,
  );
}

export function wrongAddress(what: string): GatehouseError {
  return new GatehouseError('credential_invalid', `${what} is not accepted from this address.`);
}
