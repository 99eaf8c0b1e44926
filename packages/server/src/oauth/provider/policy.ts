// When a person must sign in or agree: when oidc-provider requires it, when its session does not belong to
// our own session, and when the client asks for a stronger sign-in (`acr_values`, RFC 9470 §4). So the end of
// our session ends the sign-in everywhere, and a token has the strength of the last sign-in.
import type { Clock, StepUpRequirement } from '@gatehouse/access';
import { GatehouseError, numericDate, requireStrength } from '@gatehouse/access';
import type * as oidc from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Session, Sessions } from '../../identity/index.ts';
import { asksForAdministration } from '../admin-scope.ts';

type PolicyModule = typeof oidc.interactionPolicy;

export interface SignInPolicyDeps {
  sessions: Sessions;
  clock: Clock;
  /** The requirement of the admin API. */
  adminRequirement: StepUpRequirement | undefined;
}

export function signInPolicy({ base, Check }: PolicyModule, deps: SignInPolicyDeps) {
  const { sessions } = deps;
  const policy = base();
  policy.get('consent')?.checks.add(
    new Check(
      'administration',
      'the person must allow administration each time',
      ({ oidc: { params, result } }) => {
        const isAsked = asksForAdministration(params?.scope) && !result?.consent;
        return isAsked ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
  const checks = policy.get('login')?.checks;
  checks?.add(
    new Check('own_session', 'sign-in is required', (ctx: KoaContextWithOIDC) => {
      const session = sessionOf(ctx, sessions);
      return session && isSame(session, ctx) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  checks?.add(
    new Check('acr_values', 'a stronger sign-in is required', (ctx: KoaContextWithOIDC) => {
      const amr = sessionOf(ctx, sessions)?.amr ?? [];
      const suffices = isStrongEnough(ctx.oidc.params?.acr_values, amr);
      return suffices ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  checks?.add(
    new Check(
      ADMIN_REQUIREMENT,
      'administration needs a stronger or newer sign-in',
      (ctx: KoaContextWithOIDC) => {
        const session = sessionOf(ctx, sessions);
        const suffices =
          !asksForAdministration(ctx.oidc.params?.scope) || (session && mayAdminister(session, deps));
        return suffices ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
      },
    ),
  );
  return policy;
}

/** The person must sign in again, because otherwise every call of the admin API would be refused. */
export const ADMIN_REQUIREMENT = 'admin_requirement';

/** Whether a sign-in satisfies the setting `control.require`. */
export function mayAdminister(
  { amr, authTime }: Pick<Session, 'amr' | 'authTime'>,
  { adminRequirement, clock }: Pick<SignInPolicyDeps, 'adminRequirement' | 'clock'>,
): boolean {
  if (adminRequirement === undefined) return true;
  const principal = { kind: 'user', via: 'session', amr, authTime: Math.floor(authTime / 1000) } as const;
  return satisfiesRequirement(principal, adminRequirement, numericDate(clock));
}

/** Our session of the browser. */
export function sessionOf(ctx: Pick<KoaContextWithOIDC, 'get'>, sessions: Pick<Sessions, 'of'>) {
  return sessions.of({ header: (name) => ctx.get(name) || undefined });
}

/** The values of `acr` that a client may request, with the sign-ins that satisfy them at the gateway. */
export const ACR_VALUES = new Map([
  ['mfa', 'mfa'],
  ['phr', 'phishing-resistant'],
] as const);

/** Whether a sign-in satisfies `acr_values`. Unknown values require nothing. */
export function isStrongEnough(acrValues: unknown, amr: readonly string[]): boolean {
  const asked = [...ACR_VALUES].filter(([acr]) =>
    String(acrValues ?? '')
      .split(' ')
      .includes(acr),
  );
  return asked.length === 0 || asked.some(([, level]) => satisfies(amr, level));
}

function satisfies(amr: readonly string[], level: 'mfa' | 'phishing-resistant'): boolean {
  return satisfiesRequirement({ kind: 'user', via: 'session', amr }, { level }, 0);
}

function satisfiesRequirement(...[principal, requirement, now]: Parameters<typeof requireStrength>): boolean {
  try {
    requireStrength(principal, requirement, now);
    return true;
  } catch (error) {
    if (error instanceof GatehouseError) return false;
    throw error;
  }
}

function isSame({ user, authTime }: Session, { oidc: { session } }: KoaContextWithOIDC): boolean {
  return session?.accountId === user && session.authTime() === Math.floor(authTime / 1000);
}
