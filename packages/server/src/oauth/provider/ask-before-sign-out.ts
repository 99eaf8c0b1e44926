// The question before a sign-out that another site began (OpenID Connect RP-Initiated Logout 1.0 §2).
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Sessions } from '../../identity/index.ts';
import * as pages from './pages.ts';
import { sessionOf } from './policy.ts';

type Middleware = Parameters<Provider['use']>[0];

/**
 * If oidc-provider has no session, it continues at once. But the person may have one of our sessions, and a
 * page of another site must not end it.
 */
export function askBeforeSignOut(sessions: Pick<Sessions, 'of'>): Middleware {
  return async (given, next) => {
    await next();
    const ctx = given as unknown as KoaContextWithOIDC;
    const { route, session, params } = ctx.oidc;
    const isUnasked = route === 'end_session' && ctx.status === 200 && session?.accountId === undefined;
    if (!isUnasked || !sessionOf(ctx, sessions)) return;
    const form = pages.signOutForm(ctx.oidc.urlFor('end_session_confirm'), String(session?.state?.secret));
    pages.showPage(ctx, pages.signOutPage(form, pages.targetOf(params?.post_logout_redirect_uri)));
  };
}
