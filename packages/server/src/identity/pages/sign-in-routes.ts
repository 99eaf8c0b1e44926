// The sign-in page and the end of a session.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { content } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { ErrorForm, Route } from '../../platform/http/route.ts';
import { route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page, seeOther } from '../../platform/pages/page.ts';
import { requireSameOrigin } from '../sessions/same-origin.ts';
import { NO_SESSION_COOKIE } from '../sessions/session-cookie.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignInSteps } from '../sign-in-steps.ts';
import { localPath } from './local-path.ts';
import { signInPage } from './sign-in-page.ts';

export interface SignInRouteDeps {
  sessions: Sessions;
  steps: SignInSteps;
  /** Of the control listener. */
  origin: string;
  errors: ErrorForm;
}

const AFTERWARDS = '/account';
const nextQuery = z.object({ next: z.string().optional() });
const signInForm = z.strictObject({
  username: z.string().max(256),
  password: z.string().max(4096),
  next: z.string().optional(),
});

const HTML = content('text/html');

export function signInRoutes({ sessions, steps, origin, errors }: SignInRouteDeps): Route[] {
  return [
    route({
      name: 'showSignIn',
      method: 'GET',
      path: '/login',
      permission: 'public',
      summary: 'The sign-in page',
      documented: false,
      query: nextQuery,
      answers: { 200: HTML, 303: null },
      errors,
      handle(call) {
        const next = localPath(call.query.next, AFTERWARDS);
        return ok(sessions.of(call) ? seeOther(next) : signInPage({ next }));
      },
    }),
    route({
      name: 'signInWithForm',
      method: 'POST',
      path: '/login',
      permission: 'public',
      summary: 'Sign in on the page',
      documented: false,
      body: form(signInForm),
      answers: { 303: null, 401: HTML, 429: HTML },
      errors,
      async handle(call) {
        requireSameOrigin(call, origin);
        const { username, password, next } = call.body;
        const where = localPath(next, AFTERWARDS);
        try {
          const proof = await steps.password({ username, password }, call);
          const { cookie } = await sessions.begin(proof, call);
          return ok(seeOther(where, { 'set-cookie': cookie }));
        } catch (error) {
          if (!isRefusal(error)) throw error;
          const { status, message } = error;
          return ok(signInPage({ next: where, username, error: message, status }));
        }
      },
    }),
    route({
      name: 'showSignOut',
      method: 'GET',
      path: '/logout',
      permission: 'public',
      summary: 'Asks whether to sign out',
      documented: false,
      answers: { 200: HTML },
      errors,
      handle: () =>
        ok(
          page({
            title: 'Sign out',
            body: markup`<div class="card"><h1>Sign out?</h1>
<p>This ends your session here, and at the services that you reached through it.</p>
<form method="post" action="/logout"><button class="full" type="submit">Sign out</button></form></div>`,
          }),
        ),
    }),
    route({
      name: 'signOut',
      method: 'POST',
      path: '/logout',
      permission: 'public',
      summary: 'End the session of this browser',
      documented: false,
      answers: { 200: HTML },
      errors,
      async handle(call) {
        requireSameOrigin(call, origin);
        const session = sessions.of(call);
        if (session)
          await sessions.end(session.id, { kind: 'user', name: session.user, address: call.address });
        return ok(
          page({
            title: 'Signed out',
            headers: { 'set-cookie': NO_SESSION_COOKIE, 'clear-site-data': '"cache"' },
            body: markup`<div class="card"><h1>You are signed out</h1>
<p><a href="/login">Sign in again</a></p></div>`,
          }),
        );
      },
    }),
  ];
}

/** A page may have any status. */
function ok(answer: Answer): never {
  return answer as never;
}

function isRefusal(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && (error.status === 401 || error.status === 429);
}
