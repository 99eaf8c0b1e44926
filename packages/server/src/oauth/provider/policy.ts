// When a person must sign in or agree: when oidc-provider requires it, when its session does not belong to
// our own session, and when the client asks for a stronger sign-in (`acr_values`, RFC 9470 §4). So when our
// session ends, sign-in ends everywhere, and a token says how the person has signed in last.
import { GatehouseError, requireStrength } from '@gatehouse/access';
import type * as oidc from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Session, Sessions } from '../../identity/index.ts';

type PolicyModule = typeof oidc.interactionPolicy;

export function signInPolicy({ base, Check }: PolicyModule, sessions: Sessions) {
  const policy = base();
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
  return policy;
}

/** Our session of the browser. */
export function sessionOf(ctx: Pick<KoaContextWithOIDC, 'get'>, sessions: Pick<Sessions, 'of'>) {
  return sessions.of({ header: (name) => ctx.get(name) || undefined });
}

/** The values of `acr` that a client may ask for, with what satisfies them at the gateway. */
export const ACR_VALUES = new Map([
  ['mfa', 'mfa'],
  ['phr', 'phishing-resistant'],
] as const);

/** Whether a sign-in is one of those that `acr_values` names. Values that are not ours ask for nothing. */
export function isStrongEnough(acrValues: unknown, amr: readonly string[]): boolean {
  const asked = [...ACR_VALUES].filter(([acr]) =>
    String(acrValues ?? '')
      .split(' ')
      .includes(acr),
  );
  return asked.length === 0 || asked.some(([, level]) => satisfies(amr, level));
}

function satisfies(amr: readonly string[], level: 'mfa' | 'phishing-resistant'): boolean {
  try {
    requireStrength({ kind: 'user', via: 'session', amr }, { level }, 0);
    return true;
  } catch (error) {
    if (error instanceof GatehouseError) return false;
    throw error;
  }
}

function isSame({ user, authTime }: Session, { oidc: { session } }: KoaContextWithOIDC): boolean {
  return session?.accountId === user && session.authTime() === Math.floor(authTime / 1000);
}
