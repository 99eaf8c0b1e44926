// The pages of the authorization server: consent, the code of a device, sign-out, and errors.
import type { KoaContextWithOIDC } from 'oidc-provider';
import { SCRIPTS } from '../../identity/index.ts';
import type { Answer } from '../../platform/http/answer.ts';
import type { Markup } from '../../platform/pages/markup.ts';
import { markup, trusted } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';

type PageContext = Pick<KoaContextWithOIDC, 'set' | 'status' | 'body'>;

/** Lets oidc-provider send one of our pages. */
export function showPage(ctx: PageContext, answer: Answer): void {
  const { status, headers, body } = answer;
  ctx.status = status;
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value);
  ctx.body = body;
}

/** A client may have a scope of any name, also the name of a built-in property of objects. */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    openid: 'know who you are',
    profile: 'see your name',
    roles: 'see your roles',
    groups: 'see your groups',
    'gatehouse:admin': 'administer this Gatehouse in your name, with your rights',
    offline_access: 'keep this access while you are away, until you or an administrator ends it',
  }),
);

/** What a scope allows, in words. */
function inWords(scope: string): string {
  return WORDS.get(scope) ?? `use "${scope}" in your name`;
}

export interface ConsentPage {
  client: string;
  /** The host of the document that is its id. The name comes only from the document. */
  documentHost: string | undefined;
  user: string;
  scopes: readonly string[];
  /** The origin to which the browser goes afterwards. */
  redirectOrigin: string | undefined;
  /** Whether the tokens are for the admin API. */
  isAdministration: boolean;
  action: string;
}

export function consentPage({
  client,
  documentHost,
  user,
  scopes,
  redirectOrigin,
  isAdministration,
  action,
}: ConsentPage): Answer {
  // Pressing the key Enter must not be enough to allow this.
  const focus = isAdministration ? '' : ' autofocus';
  return page({
    title: `Allow ${client}?`,
    ...(redirectOrigin !== undefined && { formTargets: [redirectOrigin] }),
    body: markup`<div class="card"><h1>Allow ${client}?</h1>
${documentHost !== undefined && markup`<p><strong>${documentHost}</strong> chose this name.</p>`}
<p>You are signed in as <strong>${user}</strong>. <strong>${client}</strong> asks to</p>
<ul>${scopes.map((scope) => markup`<li>${inWords(scope)}</li>\n`)}</ul>
${redirectOrigin !== undefined && markup`<p class="soft small">Afterwards, your browser goes to ${redirectOrigin}.</p>`}
${documentHost !== undefined && isOwnMachine(redirectOrigin) && OWN_MACHINE}
${isAdministration && ADMINISTRATION}
<form method="post" action="${action}">
<button class="full" type="submit" name="decision" value="allow"${trusted(focus)}>Allow</button>
<button class="full plain" type="submit" name="decision" value="refuse">Do not allow</button>
</form></div>`,
  });
}

/**
 * Any program on this machine can claim to be this client (draft-ietf-oauth-client-id-metadata-document §8).
 */
const OWN_MACHINE = markup`<div class="notice"><p>The access goes to a program on this computer. Allow it only
if you have started that program yourself, just now.</p></div>`;

/** A sign-in that another person began looks the same, also on another device (RFC 8628 §5.4). */
const ADMINISTRATION = markup`<div class="notice bad"><p>The program can then read and change everything in this
Gatehouse that you can. Allow it only if you have started <code>gatehouse login</code> yourself, just now. If someone sent you the
address or a code, do not allow it.</p></div>`;

function isOwnMachine(origin: string | undefined): boolean {
  return origin !== undefined && !origin.startsWith('https://');
}

export function signInAgainPage(action: string): Answer {
  return page({
    title: 'Sign in again',
    body: markup`<div class="card"><h1>Sign in again</h1>
<p>The service asks you to sign in again.</p>
<form method="post" action="${action}"><button class="full" type="submit" autofocus>Sign in</button></form></div>`,
  });
}

/**
 * Continues without a click. A redirect would still count as the answer to the sign-in form (CSP
 * `form-action`).
 */
export function goOnPage(location: string): Answer {
  return page({
    title: 'Signed in',
    headers: { refresh: `0; url=${location}` },
    body: markup`<div class="card"><h1>You are signed in</h1><p><a href="${location}">Continue</a></p></div>`,
  });
}

export interface SubmittedForm {
  action: string;
  fields: [name: string, value: string][];
}

/** Submits the form by itself. `targets`: the origins of the answers, besides our own host. */
export function goOnForm(
  { action, fields }: SubmittedForm,
  { targets, status }: { targets: readonly string[]; status: number },
): Answer {
  return page({
    title: 'One moment',
    status,
    scripts: [SCRIPTS.submit.path],
    formTargets: targets,
    // A client may compare Origin, which would be `null` otherwise.
    headers: { 'referrer-policy': 'origin' },
    body: markup`<div class="card"><h1>One moment</h1>
<p>If nothing happens, press Continue.</p>
<form method="post" action="${action}" data-submit>
${fields.map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">\n`)}<button class="full" type="submit" autofocus>Continue</button>
</form></div>`,
  });
}

export function deviceCodePage(form: string, problem: string | undefined): Answer {
  return page({
    title: 'Connect a device',
    body: markup`<div class="card"><h1>Connect a device</h1>
${problem !== undefined && markup`<div class="notice bad" role="alert"><p>${problem}</p></div>`}
<p>Type the code that your device shows.</p>
<div class="field"><label for="user_code">Code</label>
${trusted(withLabel(form))}</div>
<button class="full" type="submit" form="op.deviceInputForm">Continue</button></div>`,
  });
}

export function tooManyCodesPage(seconds: number): Answer {
  const answer = message('Too many codes', [TOO_MANY], 429);
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}

const TOO_MANY = markup`<p>Too many codes were tried from your network. Wait a minute, then try again.</p>
<p><a href="/device">Type the code again</a></p>`;

export function deviceEndedPage(): Answer {
  const what = markup`<p>It took too long, or you began in another browser.</p>
<p><a href="/device">Type the code of your device again</a></p>`;
  return message('The sign-in has ended', [what], 400);
}

/** The field of oidc-provider has no id for its label; handlers in attributes do not run under our policy. */
function withLabel(form: string): string {
  return form
    .replace(/ onfocus="[^"]*"/, '')
    .replace('</input>', '')
    .replace(
      'placeholder="Enter code"',
      'id="user_code" class="code" autocapitalize="characters" spellcheck="false"',
    );
}

export function deviceConfirmPage(form: string, client: string, userCode: string): Answer {
  return page({
    title: 'Connect a device',
    body: markup`<div class="card"><h1>Connect ${client}?</h1>
<p>Continue only if you started this yourself, and your device shows this code:</p>
<p class="code">${userCode}</p>
${trusted(form.replace(/<br ?\/?>/g, ''))}
<button class="full" type="submit" form="op.deviceConfirmForm" autofocus>Connect</button>
<button class="full plain" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Do not connect</button>
</div>`,
  });
}

/** The same form as in oidc-provider. */
export function signOutForm(action: string, secret: string): string {
  return markup`<form id="op.logoutForm" method="post" action="${action}"><input type="hidden" name="xsrf" value="${secret}"></form>`
    .html;
}

/** `redirectOrigin`: the target of the answer to the form, if the client named it (CSP `form-action`). */
export function signOutPage(form: string, redirectOrigin: string | undefined): Answer {
  return page({
    title: 'Sign out?',
    ...(redirectOrigin !== undefined && { formTargets: [redirectOrigin] }),
    body: markup`<div class="card"><h1>Sign out?</h1>
<p>This ends your session here, and at the services that use it.</p>
${trusted(form)}
<button class="full" type="submit" form="op.logoutForm" value="yes" name="logout" autofocus>Sign out</button>
<button class="full plain" type="submit" form="op.logoutForm">Stay signed in</button></div>`,
  });
}

/** The person may have chosen to stay signed in. */
export function signOutDonePage(isSignedIn: boolean): Answer {
  return isSignedIn
    ? message('You are still signed in', [markup`<p><a href="/account">My account</a></p>`])
    : message('You are signed out', [markup`<p><a href="/login">Sign in again</a></p>`]);
}

/** The origin of a redirect URI, or the scheme of an app, for a page’s policy. */
export function targetOf(uri: unknown): string | undefined {
  const url = typeof uri === 'string' ? URL.parse(uri) : null;
  if (!url) return undefined;
  return url.origin === 'null' ? url.protocol : url.origin;
}

export function message(title: string, body: readonly Markup[], status = 200): Answer {
  return page({ title, status, body: markup`<div class="card"><h1>${title}</h1>${body}</div>` });
}

export function errorPage(code: string, description: string | undefined, status: number): Answer {
  const what = markup`<p>${description ?? 'The request cannot be answered.'}</p>
<p>Go back to the app, and try again. If it happens each time, tell the people who run the app.</p>
<p class="soft small">${code}</p>`;
  return message('This did not work', [what], status);
}
