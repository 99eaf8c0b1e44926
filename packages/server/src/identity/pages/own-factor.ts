// The requirements before a person changes how they sign in: a recent sign-in, and a factor beyond the
// password if they have one (NIST SP 800-63B-4 §4.1.2.1). Otherwise a stolen password would be enough to add
// a passkey, or to remove the passkey that protects the account.
import type { Clock } from '@gatehouse/access';
import { authenticationClass, GatehouseError, isKnownAge } from '@gatehouse/access';
import type { Factors } from '../factors/factors.ts';
import type { Passkeys } from '../passkeys/passkeys.ts';
import type { Session } from '../sessions/sessions.ts';

export interface OwnFactorDeps {
  passkeys: Pick<Passkeys, 'listOf'>;
  factors: Pick<Factors, 'status'>;
  clock: Clock;
}

type Proved = Pick<Session, 'user' | 'amr' | 'authTime'>;

const FRESH_MS = 15 * 60_000;

/** Whether the person of the session has signed in recently. */
export function isFresh({ authTime }: Pick<Session, 'authTime'>, clock: Clock): boolean {
  const age = clock.now() - authTime;
  return isKnownAge(age / 1000) && age < FRESH_MS;
}

/** Whether the person signed in with the password alone, although they have a stronger method. */
export async function lacksFactor(
  { user, amr, authTime }: Proved,
  { passkeys, factors }: Omit<OwnFactorDeps, 'clock'>,
): Promise<boolean> {
  if (authenticationClass(amr) !== '1fa') return false;
  const { totpSince } = await factors.status(user);
  const since = [totpSince, ...(await passkeys.listOf(user)).map(({ createdAt }) => createdAt)];
  // A factor that was added after the sign-in could not be used for it.
  return since.some((time) => time !== null && time <= authTime);
}

/** Throws `forbidden`. */
export async function requireOwnFactor(session: Proved, deps: OwnFactorDeps): Promise<void> {
  if (!isFresh(session, deps.clock)) {
    throw new GatehouseError(
      'forbidden',
      'Your sign-in is too old for this: open your account, confirm that it is you, then repeat this.',
    );
  }
  await requireFactor(session, deps);
}

/** Throws `forbidden` for a sign-in with the password alone, although the person has a stronger method. */
export async function requireFactor(session: Proved, deps: Omit<OwnFactorDeps, 'clock'>): Promise<void> {
  if (!(await lacksFactor(session, deps))) return;
  throw new GatehouseError(
    'forbidden',
    'You signed in with your password only: sign in with your passkey or authenticator app, then repeat this.',
  );
}
