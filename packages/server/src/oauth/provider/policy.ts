// When a person must sign in or agree: when oidc-provider requires it, and when its session does not belong
// to our own session. So when our session ends, sign-in ends everywhere.

import type * as oidc from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Sessions } from '../../identity/index.ts';

type PolicyModule = typeof oidc.interactionPolicy;

export function signInPolicy({ base, Check }: PolicyModule, sessions: Sessions) {
  const policy = base();
  policy.get('login')?.checks.add(
    new Check('own_session', 'sign-in is required', (ctx: KoaContextWithOIDC) => {
      const session = sessionOf(ctx, sessions);
      const isSame = session !== undefined && session.user === ctx.oidc.session?.accountId;
      return isSame ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  return policy;
}

/** Our session of the browser. */
export function sessionOf(ctx: Pick<KoaContextWithOIDC, 'get'>, sessions: Pick<Sessions, 'of'>) {
  return sessions.of({ header: (name) => ctx.get(name) || undefined });
}
