// The sign-in page: user name and password, or a passkey.
import type { Answer } from '../../platform/http/answer.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import { errorSummary, field, hidden } from './form-parts.ts';

export interface SignInPage {
  /** Where it goes afterwards. */
  next: string;
  username?: string | undefined;
  error?: string | undefined;
  status?: number;
  formTargets?: readonly string[];
}

/** The page with the first step. */
export function signInPage({
  next,
  username,
  error,
  status,
  formTargets,
}: SignInPage): Answer & { json?: never } {
  return page({
    title: 'Sign in',
    ...(status !== undefined && { status }),
    ...(formTargets && { formTargets }),
    body: markup`<div class="card">
<h1>Sign in</h1>
${errorSummary(error)}
<form method="post" action="/login">
${hidden('next', next)}
${field({
  name: 'username',
  label: 'User name',
  autocomplete: 'username webauthn',
  value: username,
  hasFocus: error === undefined,
})}
${field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' })}
<button class="full" type="submit">Sign in</button>
</form>
</div>`,
  });
}
