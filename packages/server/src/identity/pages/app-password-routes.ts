// The password for a person’s programs (HTTP Basic and Digest) on the account page: made here, and shown
// once.
import type { Answer } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import type { Guard } from '../users/users.ts';
import { signedInAs } from './account-page.ts';
import type { AccountDeps } from './account-routes.ts';
import { done, withOwnFactor } from './own-acts.ts';

export function appPasswordRoutes(deps: AccountDeps): Route[] {
  const { pageRoute, appPasswords, sessions } = deps;
  return [
    pageRoute({
      name: 'createOwnAppPassword',
      method: 'POST',
      path: '/account/app-password',
      summary: 'Make a password for your programs',
      handle: (call) =>
        withOwnFactor(deps, call, async (session, owner) => {
          const guard: Guard = (tx) => sessions.requireOpen(tx, session);
          return passwordPage(session.user, await appPasswords.create(session.user, owner, guard));
        }),
    }),
    pageRoute({
      name: 'removeOwnAppPassword',
      method: 'POST',
      path: '/account/app-password/remove',
      summary: 'Remove the password for your programs',
      handle: (call) =>
        withOwnFactor(deps, call, async ({ user }, owner) => {
          await appPasswords.remove(user, owner);
          return done('app-password-removed');
        }),
    }),
  ];
}

function passwordPage(user: string, password: string): Answer {
  return page({
    title: 'Your password for programs',
    who: signedInAs(user),
    body: markup`<div class="card"><h1>Your password for programs</h1>
<p>Put it into the program now, with your user name <strong>${user}</strong>. This page does not show it again.</p>
<p><code>${password}</code></p>
<div class="actions"><a class="button" href="/account">I have stored it</a></div></div>`,
  });
}
