// The strength and the age of a caller's authentication, and the challenge for more (RFC 9470). The strength
// comes from the Authentication Method References of the credential (RFC 8176), never from the user.
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from './principal.ts';
import type { StepUpRequirement } from './step-up-requirement.ts';

/**
 * The `acr` of our tokens: the strongest level of their sign-in. `phr` is from OpenID Connect EAP ACR Values.
 */
export type AuthenticationClass = '1fa' | 'mfa' | 'phr';

type Strength = Pick<Principal, 'amr' | 'kind' | 'via' | 'authTime'>;

/** Methods with which the use of a key counts as two factors (RFC 8176 §2). */
export const UNLOCKS_A_KEY: readonly string[] = ['pin', 'fpt', 'face', 'iris', 'retina', 'vbm'];

/**
 * The class of a sign-in with these methods.
 * @example
 * const acr = authenticationClass(['pwd', 'otp', 'mfa']);
 */
export function authenticationClass(amr: readonly string[]): AuthenticationClass {
  if (hasPasskey(amr)) return 'phr';
  return isMultiFactor(amr) ? 'mfa' : '1fa';
}

/**
 * Throws `insufficient_user_authentication` unless the caller satisfies the requirement. `now` is a
 * NumericDate.
 * @example
 * requireStrength(principal, { level: 'mfa', maxAgeSeconds: 900 }, numericDate(systemClock));
 */
export function requireStrength(principal: Strength, requirement: StepUpRequirement, now: number): void {
  requireLevel(principal, requirement);
  const { maxAgeSeconds } = requirement;
  if (maxAgeSeconds === undefined) return;
  const age = now - provedAt(principal, now);
  if (isKnownAge(age) && age <= maxAgeSeconds) return;
  throw insufficient(
    requirement,
    `This requires a sign-in that is at most ${maxAgeSeconds} s old: sign in again.`,
  );
}

const TOLERANCE_SECONDS = 60;

/**
 * Whether the seconds since a sign-in can be right. A sign-in in the future is from before the clock was set
 * back: it would count as new for as long as that.
 * @example
 * const isFresh = isKnownAge(age) && age < 900;
 */
export function isKnownAge(seconds: number): boolean {
  return seconds >= -TOLERANCE_SECONDS;
}

/** Throws like `requireStrength`, except for an old sign-in. */
export function requireLevel({ amr, via }: Strength, requirement: StepUpRequirement): void {
  const { level } = requirement;
  if (level === 'mfa' && !isMultiFactor(amr)) {
    throw insufficient(requirement, 'This requires a sign-in with a second factor.');
  }
  if (level === 'phishing-resistant' && !hasPasskey(amr) && via !== 'mtls') {
    throw insufficient(requirement, 'This requires a sign-in with a passkey, or a client certificate.');
  }
}

/**
 * The challenge for a stronger or newer sign-in (RFC 9470 §3), in the scheme that the caller used: `DPoP` for
 * a token that is bound to a key.
 * @example
 * response.setHeader('www-authenticate', stepUpChallenge({ level: 'mfa', maxAgeSeconds: 900 }));
 */
export function stepUpChallenge(
  { level, maxAgeSeconds }: StepUpRequirement,
  scheme: 'Bearer' | 'DPoP' = 'Bearer',
): string {
  const acr = level && `, acr_values="${level === 'mfa' ? 'mfa' : 'phr'}"`;
  const age = maxAgeSeconds === undefined ? '' : `, max_age="${maxAgeSeconds}"`;
  return `${scheme} realm="gatehouse", error="insufficient_user_authentication"${acr ?? ''}${age}`;
}

function isMultiFactor(amr: readonly string[]): boolean {
  return amr.includes('mfa') || (amr.includes('hwk') && UNLOCKS_A_KEY.some((method) => amr.includes(method)));
}

function hasPasskey(amr: readonly string[]): boolean {
  return amr.includes('phr') || amr.includes('hwk');
}

/** The client proves a key or a certificate on each request or connection. */
function provedAt({ authTime, kind, via }: Strength, now: number): number {
  return authTime ?? (kind === 'service' || via === 'mtls' ? now : 0);
}

function insufficient(requirement: StepUpRequirement, detail: string): GatehouseError {
  return new GatehouseError('insufficient_user_authentication', detail, { requirement });
}
