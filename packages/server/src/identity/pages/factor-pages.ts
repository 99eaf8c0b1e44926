// The pages of the authenticator app: its secret as a QR code, the code that switches it on, and recovery
// codes.
import { GatehouseError } from '@gatehouse/access';
import { encodeQR } from 'qr';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Call, Route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import type { Session } from '../sessions/sessions.ts';
import { signedInAs } from './account-page.ts';
import type { AccountDeps } from './account-routes.ts';
import { errorSummary, field, hidden } from './form-parts.ts';
import type { OwnAct } from './own-acts.ts';
import { done, withOwnFactor } from './own-acts.ts';

/** The form returns the secret, so that the same page can be shown again after a wrong code. */
const confirmation = z.strictObject({
  code: z.string().max(64),
  uri: z
    .string()
    .max(1024)
    .regex(/^otpauth:\/\/totp\//, 'must be the value from the page'),
});

export function factorPages(deps: AccountDeps): Route[] {
  const { pageRoute, factors } = deps;
  return [
    pageRoute({
      name: 'beginOwnTotp',
      method: 'POST',
      path: '/account/totp',
      summary: 'Get a secret for an authenticator app',
      handle: (call) =>
        withOwnFactor(deps, call, async (session, owner) => {
          const { uri } = await factors.begin(session.user, owner);
          return enrolmentPage(session, { uri });
        }),
    }),
    pageRoute({
      name: 'confirmOwnTotp',
      method: 'POST',
      path: '/account/totp/confirm',
      summary: 'Switch the authenticator app on',
      body: form(confirmation),
      handle: (call) =>
        withOwnFactor(deps, call, async (session, owner) => {
          const { code, uri } = call.body;
          try {
            const codes = await factors.confirm(session.user, code, owner);
            return codesPage(session, codes, 'Your authenticator app is set up');
          } catch (error) {
            if (!(error instanceof GatehouseError) || error.code !== 'unprocessable') throw error;
            return enrolmentPage(session, { uri, error: error.message, status: 422 });
          }
        }),
    }),
    pageRoute({
      name: 'removeOwnTotp',
      method: 'POST',
      path: '/account/totp/remove',
      summary: 'Remove the authenticator app',
      handle: (call) =>
        withSecondFactor(deps, call, async ({ id, user }, owner) => {
          await factors.remove(user, owner, id);
          return done('totp-removed');
        }),
    }),
    pageRoute({
      name: 'renewOwnRecoveryCodes',
      method: 'POST',
      path: '/account/recovery-codes',
      summary: 'Get new recovery codes',
      handle: (call) =>
        withSecondFactor(deps, call, async (session, owner) => {
          const codes = await factors.renewRecoveryCodes(session.user, owner);
          return codesPage(session, codes, 'Your new recovery codes');
        }),
    }),
  ];
}

/** Throws `forbidden`. A password alone must not be enough to remove the second factor. */
function withSecondFactor(deps: AccountDeps, call: Call, act: OwnAct): Promise<Answer> {
  return withOwnFactor(deps, call, (session, owner) => {
    if (session.amr.includes('mfa')) return act(session, owner);
    throw new GatehouseError(
      'forbidden',
      'Sign in with your second factor first: sign out, sign in again, then repeat this.',
    );
  });
}

function enrolmentPage(
  session: Session,
  { uri, error, status = 200 }: { uri: string; error?: string; status?: number },
): Answer {
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  const picture = Buffer.from(encodeQR(uri, 'svg', { border: 2 })).toString('base64');
  return page({
    title: 'Set up an authenticator app',
    status,
    who: signedInAs(session.user),
    body: markup`<div class="card">
<h1>Set up an authenticator app</h1>
${errorSummary(error)}
<p>Scan this with the app.</p>
<img class="qr" src="data:image/svg+xml;base64,${picture}" alt="QR code with the secret that is below" width="192" height="192">
<details><summary>The app cannot scan it</summary><p>Enter this secret: <code>${groups(secret)}</code></p></details>
<form method="post" action="/account/totp/confirm">${hidden('uri', uri)}
${field({
  name: 'code',
  label: 'Code that the app shows now',
  autocomplete: 'one-time-code',
  isCode: true,
  hasFocus: error === undefined,
})}
<button class="full" type="submit">Switch on</button></form>
<p class="small"><a href="/account">Back to my account</a></p></div>`,
  });
}

function codesPage(session: Session, codes: readonly string[], title: string): Answer {
  return page({
    title,
    who: signedInAs(session.user),
    body: markup`<div class="card"><h1>${title}</h1>
<p>You can sign in with these recovery codes when you do not have your app. Each works once. Print them or put them into your password
manager: this page does not show them again.</p>
<ul class="codes">${codes.map((code) => markup`<li>${code}</li>`)}</ul>
<div class="actions"><a class="button" href="/account">I have stored them</a></div></div>`,
  });
}

/** In groups of four characters, for people who type it. */
function groups(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
