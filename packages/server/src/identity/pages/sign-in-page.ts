// The sign-in page: user name and password, or a passkey; and the second step.
import type { Answer } from '../../platform/http/answer.ts';
import type { Markup } from '../../platform/pages/markup.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import type { OfferedProvider } from '../providers/provider-pages.ts';
import { errorSummary, field, hidden } from './form-parts.ts';
import { SCRIPTS } from './scripts.ts';

export interface SignInPage {
  /** The path after the sign-in. */
  next: string;
  /** The host of the gateway to which that path leads, if any. */
  nextHost?: string | undefined;
  username?: string | undefined;
  /** Other providers through which people sign in. */
  providers: readonly OfferedProvider[];
  /** Whether the person must sign in again. */
  again?: boolean;
  error?: string | undefined;
  status?: number;
}

/** The page with the first step. */
export function signInPage(parts: SignInPage): Answer & { json?: never } {
  const { next, nextHost, username, error, status = 200 } = parts;
  const isFirst = error === undefined;
  return page({
    title: 'Sign in',
    status,
    scripts: [SCRIPTS.passkeys.path],
    formTargets: targetsOf(nextHost),
    body: markup`<div class="card">
<h1>Sign in</h1>
${nextHost !== undefined && markup`<p class="soft">to continue to <strong>${nextHost}</strong></p>`}
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
${providerLinks(parts)}</div>`,
  });
}

/** Links, because the answer to a form could not redirect to a provider (CSP `form-action`). */
function providerLinks({ providers, next, again }: SignInPage): Markup | undefined {
  if (providers.length === 0) return undefined;
  const query = new URLSearchParams({ next, ...(again && { again: '1' }) });
  const links = providers.map(
    ({
      name,
      title,
    }) => markup`<p><a class="button plain full" href="/auth/providers/${name}?${String(query)}">Sign in with ${title}</a></p>
`,
  );
  return markup`<p class="or">or</p>
${links}`;
}

export interface SecondFactorPage extends Omit<SignInPage, 'username' | 'providers' | 'again'> {
  /** A token that proves the password for a few minutes. */
  token: string;
  methods: readonly string[];
}

/** The page with the second step. */
export function secondFactorPage(parts: SecondFactorPage): Answer & { json?: never } {
  const { next, nextHost, token, methods, error, status = 200 } = parts;
  const hasRecovery = methods.includes('recovery');
  return page({
    title: 'Second step',
    status,
    formTargets: targetsOf(nextHost),
    body: markup`<div class="card">
<h1>Second step</h1>
<p class="soft">Enter the code that your authenticator app shows now.</p>
${errorSummary(error)}
<form method="post" action="/login/code">
${hidden('next', next)}${hidden('token', token)}${hidden('methods', methods.join(' '))}
${field({
  name: 'code',
  label: 'Code',
  autocomplete: 'one-time-code',
  hint: hasRecovery ? 'Six digits, or one of your recovery codes.' : 'Six digits.',
  isCode: !hasRecovery,
  hasFocus: error === undefined,
})}
<button class="full" type="submit">Continue</button>
</form>
<p class="small"><a href="/login?${new URLSearchParams({ next }).toString()}">Start again</a></p>
</div>`,
  });
}

/** The answer to the form redirects there in the end, which its page must allow (CSP3 §6.3.1). */
function targetsOf(nextHost: string | undefined): string[] {
  return nextHost === undefined ? [] : [`https://${nextHost}`];
}
