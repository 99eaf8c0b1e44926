// The sign-in page: user name and password, or a passkey.
import type { Answer } from '../../platform/http/answer.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import { errorSummary, field, hidden } from './form-parts.ts';
import { PASSKEY_SCRIPT_PATH } from './passkey-script.ts';

export interface SignInPage {
  /** Where it goes afterwards. */
  next: string;
  /** The host of the gateway to which that leads, if it leads there. */
  nextHost?: string | undefined;
  username?: string | undefined;
  error?: string | undefined;
  status?: number;
}

/** The page with the first step. */
export function signInPage({ next, nextHost, username, error, status = 200 }: SignInPage): Answer & {
  json?: never;
} {
  const isFirst = error === undefined;
  return page({
    title: 'Sign in',
    status,
    scripts: [PASSKEY_SCRIPT_PATH],
    formTargets: targetsOf(nextHost),
    body: markup`<div class="card">
<h1>Sign in</h1>
${nextHost !== undefined && markup`<p class="soft">to go on to <strong>${nextHost}</strong></p>`}
${errorSummary(error)}
<form method="post" action="/login">
${hidden('next', next)}
${field({
  name: 'username',
  label: 'User name',
  autocomplete: 'username webauthn',
  value: username,
  hasFocus: isFirst && username === undefined,
})}
${field({
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  hasFocus: isFirst && username !== undefined,
})}
<button class="full" type="submit">Sign in</button>
</form>
<div data-passkey-sign-in data-next="${next}" hidden><p class="or">or</p>
<button class="full plain" type="button">Sign in with a passkey</button></div>
<div class="notice bad" role="alert" tabindex="-1" data-passkey-error hidden></div>
</div>`,
  });
}

/** The answer to the form redirects there in the end, which its page must allow (CSP3 §6.3.1). */
export function targetsOf(nextHost: string | undefined): string[] {
  return nextHost === undefined ? [] : [`https://${nextHost}`];
}
