// The sign-in page: a password, then a code if the user has a second factor. It works without JavaScript.
import { GatehouseError, localPath } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import type { Markup } from '../../platform/pages/markup.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page, seeOther } from '../../platform/pages/page.ts';
import type { OfferedProvider } from '../providers/provider-pages.ts';
import type { ProviderSignOuts, SignOutThere } from '../providers/provider-sign-out.ts';
import { NO_SESSION_COOKIE } from '../sessions/session-cookie.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Authenticated, Authentication } from '../sign-in/authentication.ts';
import type { PageRoute } from './page-route.ts';
import { secondFactorPage, signInPage } from './sign-in-page.ts';

export interface SignInPageDeps {
  pageRoute: PageRoute;
  sessions: Sessions;
  authentication: Authentication;
  /** The host of the gateway to which a sign-in for `next` leads, if it leads there. */
  hostOf(next: string): string | undefined;
  providers: readonly OfferedProvider[];
  signOuts: ProviderSignOuts;
}

const AFTERWARDS = '/account';
const next = z.string().max(8192).optional();
const signInQuery = z.object({
  next,
  again: z.string().optional().describe('Asks the person to sign in, even if they are signed in'),
});
const signInForm = z.strictObject({ username: z.string().max(256), password: z.string().max(4096), next });
const codeForm = z.strictObject({
  token: z.string().max(512),
  methods: z.string().max(64).default('totp'),
  code: z.string().max(64),
  next,
});

export function signInPages(deps: SignInPageDeps): Route[] {
  return [...passwordRoutes(deps), secondFactorRoute(deps), ...signOutRoutes(deps)];
}

function passwordRoutes(deps: SignInPageDeps): Route[] {
  const { pageRoute, sessions, authentication, hostOf, providers } = deps;
  return [
    pageRoute({
      name: 'showSignIn',
      method: 'GET',
      path: '/login',
      summary: 'The sign-in page',
      query: signInQuery,
      handle(call) {
        const where = localPath(call.query.next, AFTERWARDS);
        const session = sessions.of(call);
        const again = call.query.again !== undefined;
        if (session && !again) return seeOther(where);
        const place = { next: where, nextHost: hostOf(where), providers };
        return signInPage({ ...place, username: session?.user, again });
      },
    }),
    pageRoute({
      name: 'signInWithForm',
      method: 'POST',
      path: '/login',
      summary: 'Sign in on the page',
      body: form(signInForm),
      async handle(call) {
        const { username, password } = call.body;
        const where = localPath(call.body.next, AFTERWARDS);
        const place = { next: where, nextHost: hostOf(where) };
        try {
          const outcome = await authentication.password({ name: username, password }, call);
          if ('mfaToken' in outcome) {
            return secondFactorPage({ ...place, token: outcome.mfaToken, methods: outcome.methods });
          }
          return await signedIn(deps, outcome, { call, where });
        } catch (error) {
          return signInPage({ ...place, providers, username, ...refusalIn(error) });
        }
      },
    }),
  ];
}

function secondFactorRoute(deps: SignInPageDeps): Route {
  const { pageRoute, authentication, hostOf } = deps;
  return pageRoute({
    name: 'proveSecondFactorWithForm',
    method: 'POST',
    path: '/login/code',
    summary: 'Send the second factor on the page',
    body: form(codeForm),
    async handle(call) {
      const { token, code, methods } = call.body;
      const where = localPath(call.body.next, AFTERWARDS);
      try {
        const authenticated = await authentication.secondFactor({ mfaToken: token, code }, call);
        return await signedIn(deps, authenticated, { call, where });
      } catch (error) {
        const place = { next: where, nextHost: hostOf(where) };
        return secondFactorPage({ ...place, token, methods: methods.split(' '), ...refusalIn(error) });
      }
    },
  });
}

function signOutRoutes({ pageRoute, sessions, signOuts }: SignInPageDeps): Route[] {
  return [
    pageRoute({
      name: 'showSignOut',
      method: 'GET',
      path: '/logout',
      summary: 'Asks whether to sign out',
      handle: () => page({ title: 'Sign out', body: SIGN_OUT }),
    }),
    pageRoute({
      name: 'endBrowserSession',
      method: 'POST',
      path: '/logout',
      summary: 'End the session of this browser',
      async handle(call) {
        const session = sessions.of(call);
        if (!session) return signedOutPage(undefined);
        const signOutThere = await signOuts.prepare(session);
        await sessions.end(session.id, { kind: 'user', name: session.user, address: call.address });
        return signedOutPage(await signOutThere());
      },
    }),
  ];
}

async function signedIn(
  { sessions }: SignInPageDeps,
  { user, amr, authTime, through }: Authenticated,
  { call, where }: { call: Pick<Call, 'header' | 'address' | 'requestId'>; where: string },
): Promise<Answer> {
  const proof = { user: user.name, tokenEpoch: user.tokenEpoch, amr };
  const { cookie } = await sessions.begin(
    through ? { ...proof, authTime: authTime * 1000, through } : proof,
    call,
  );
  return seeOther(where, { 'set-cookie': cookie });
}

/** The message of the page. Throws errors that are not about the input of the person. */
function refusalIn(error: unknown): { error: string; status: number } {
  const isRefusal = error instanceof GatehouseError && (error.status === 401 || error.status === 429);
  if (!isRefusal) throw error;
  return { error: error.message, status: error.status };
}

const SIGN_OUT = markup`<div class="card"><h1>Sign out?</h1>
<p>This ends your session here, and at the services that use it.</p>
<form method="post" action="/logout"><button class="full" type="submit">Sign out</button></form></div>`;

/** Continues to the provider automatically, like a link: the answer to a form could not redirect there. */
function signedOutPage(there: SignOutThere | undefined): Answer {
  const goesOn = there?.url !== undefined && there.isImmediate;
  return page({
    title: 'Signed out',
    headers: {
      'set-cookie': there ? [NO_SESSION_COOKIE, there.cookie] : NO_SESSION_COOKIE,
      'clear-site-data': '"cache"',
      ...(goesOn && { refresh: `0; url=${there.url}` }),
    },
    body: markup`<div class="card"><h1>You are signed out</h1>
${there && restOf(there)}
<p><a href="/login">Sign in again</a></p></div>`,
  });
}

/** On a shared computer, the button of that provider would open the account again. */
function restOf({ title, url }: SignOutThere): Markup {
  if (url === undefined) {
    return markup`<p>You may still be signed in at ${title}. If others use this browser, sign out there too.</p>`;
  }
  return markup`<p>You are still signed in at ${title}. If others use this browser, sign out there too.</p>
<div class="actions"><a class="button full" href="${url}">Sign out at ${title}</a></div>`;
}
