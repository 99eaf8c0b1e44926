// The sign-in page, and the end of a session.
import { GatehouseError, localPath } from '@gatehouse/access';
import { z } from 'zod';
import { form } from '../../platform/http/body.ts';
import type { Route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page, seeOther } from '../../platform/pages/page.ts';
import { NO_SESSION_COOKIE } from '../sessions/session-cookie.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignInSteps } from '../sign-in-steps.ts';
import type { PageRoute } from './page-route.ts';
import { signInPage } from './sign-in-page.ts';

export interface SignInRouteDeps {
  pageRoute: PageRoute;
  sessions: Sessions;
  steps: SignInSteps;
  /** The host of the gateway to which a sign-in for `next` leads, if it leads there. */
  hostOf(next: string): string | undefined;
}

const AFTERWARDS = '/account';
const nextQuery = z.object({
  next: z.string().optional(),
  again: z.string().optional().describe('Asks also a person who is signed in'),
});
const signInForm = z.strictObject({
  username: z.string().max(256),
  password: z.string().max(4096),
  next: z.string().optional(),
});

export function signInRoutes({ sessions, steps, pageRoute, hostOf }: SignInRouteDeps): Route[] {
  return [
    pageRoute({
      name: 'showSignIn',
      method: 'GET',
      path: '/login',
      summary: 'The sign-in page',
      query: nextQuery,
      handle(call) {
        const next = localPath(call.query.next, AFTERWARDS);
        const session = sessions.of(call);
        if (session && call.query.again === undefined) return seeOther(next);
        return signInPage({ next, nextHost: hostOf(next), username: session?.user });
      },
    }),
    pageRoute({
      name: 'signInWithForm',
      method: 'POST',
      path: '/login',
      summary: 'Sign in on the page',
      body: form(signInForm),
      async handle(call) {
        const { username, password, ...rest } = call.body;
        const next = localPath(rest.next, AFTERWARDS);
        try {
          const proof = await steps.password({ username, password }, call);
          const { cookie } = await sessions.begin(proof, call);
          return seeOther(next, { 'set-cookie': cookie });
        } catch (error) {
          if (!isRefusal(error)) throw error;
          const { status, message } = error;
          return signInPage({ next, nextHost: hostOf(next), username, error: message, status });
        }
      },
    }),
    pageRoute({
      name: 'showSignOut',
      method: 'GET',
      path: '/logout',
      summary: 'Asks whether to sign out',
      handle: () => page({ title: 'Sign out', body: SIGN_OUT }),
    }),
    pageRoute({
      name: 'signOut',
      method: 'POST',
      path: '/logout',
      summary: 'End the session of this browser',
      async handle(call) {
        const session = sessions.of(call);
        const actor = session && ({ kind: 'user', name: session.user, address: call.address } as const);
        if (actor) await sessions.end(session.id, actor);
        const headers = { 'set-cookie': NO_SESSION_COOKIE, 'clear-site-data': '"cache"' };
        return page({ title: 'Signed out', headers, body: SIGNED_OUT });
      },
    }),
  ];
}

const SIGN_OUT = markup`<div class="card"><h1>Sign out?</h1>
<p>This ends your session here, and at the services that you reached through it.</p>
<form method="post" action="/logout"><button class="full" type="submit">Sign out</button></form></div>`;

const SIGNED_OUT = markup`<div class="card"><h1>You are signed out</h1>
<p><a href="/login">Sign in again</a></p></div>`;

function isRefusal(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && (error.status === 401 || error.status === 429);
}
