// The page on which people manage their ways to sign in, and their sessions.
import type { Answer } from '../../platform/http/answer.ts';
import type { Markup } from '../../platform/pages/markup.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import type { FactorStatus } from '../factors/factors.ts';
import type { Passkey } from '../passkeys/passkeys.ts';
import type { ProviderLink } from '../providers/links.ts';
import type { OfferedProvider } from '../providers/provider-pages.ts';
import type { Session } from '../sessions/sessions.ts';
import { doneNotice, errorSummary, field, hidden } from './form-parts.ts';
import { SCRIPTS } from './scripts.ts';
import { browserName, momentOf } from './words.ts';

export interface AccountPage {
  session: Session;
  sessions: readonly Session[];
  passkeys: readonly Passkey[];
  factors: FactorStatus;
  providers: readonly OfferedProvider[];
  links: readonly ProviderLink[];
  /** When the password for programs was made; undefined: there is none. */
  appPasswordSince: number | undefined;
  /** Whether the sign-in is recent. The person can change how they sign in only then. */
  isFresh: boolean;
  /** Whether the person signed in with the password alone, although they have a stronger method. */
  lacksFactor: boolean;
  done?: string | undefined;
  error?: string | undefined;
  status?: number;
}

export function accountPage(parts: AccountPage): Answer & { json?: never } {
  const { session, done, error, status = 200 } = parts;
  return page({
    title: 'My account',
    status,
    width: 'wide',
    who: signedInAs(session.user),
    scripts: [SCRIPTS.passkeys.path],
    body: markup`<h1>My account</h1>
${errorSummary(error)}${doneNotice(done)}
${signInAgain(parts)}
${passwordCard(parts)}
${passkeysCard(parts)}
${totpCard(parts)}
${providersCard(parts)}
${appPasswordCard(parts)}
${sessionsCard(parts)}`,
  });
}

export function signedInAs(user: string): Markup {
  return markup`<div class="who"><span>${user}</span>
<form method="post" action="/logout" class="inline"><button class="link" type="submit">Sign out</button></form></div>`;
}

function mayChange({ isFresh, lacksFactor }: AccountPage): boolean {
  return isFresh && !lacksFactor;
}

function signInAgain(parts: AccountPage): Markup | undefined {
  if (mayChange(parts)) return undefined;
  const why = parts.isFresh ? 'You signed in with your password only.' : 'You signed in a while ago.';
  const how = parts.lacksFactor ? ', with your passkey or authenticator app' : '';
  return markup`<div class="notice"><p>To change how you sign in,
<a href="/login?again=1&amp;next=/account">confirm that it is you</a>${how}. ${why}</p></div>`;
}

function passwordCard({ session, lacksFactor }: AccountPage): Markup {
  return markup`<section class="card" aria-labelledby="password-title">
<h2 id="password-title">Password</h2>
<p class="soft small">A new password ends all your other sessions.</p>
${!lacksFactor && passwordForm(session.user)}</section>`;
}

function passwordForm(user: string): Markup {
  return markup`<details><summary>Change password</summary>
<form method="post" action="/account/password">
<input type="text" name="username" value="${user}" autocomplete="username" hidden>
${field({ name: 'current', label: 'Current password', type: 'password', autocomplete: 'current-password' })}
${field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password' })}
<button type="submit">Change password</button>
</form></details>`;
}

function passkeysCard(parts: AccountPage): Markup {
  const { passkeys } = parts;
  const rows = passkeys.map(
    ({ id, name, createdAt, lastUsedAt, isBackedUp }) => markup`<li><div><strong>${name}</strong>
${isBackedUp && markup`<span class="badge">on several devices</span>`}
<div class="soft small">added ${momentOf(createdAt)}, ${
      lastUsedAt === null ? 'not used yet' : `last used ${momentOf(lastUsedAt)}`
    }</div></div>
${mayChange(parts) && passkeyForms(id, name)}</li>`,
  );
  return markup`<section class="card" aria-labelledby="passkeys-title">
<h2 id="passkeys-title">Passkeys</h2>
<p class="soft small">Sign in with your fingerprint, your face or a security key. A passkey answers only this
site, so it cannot be given to another one by mistake.</p>
${rows.length > 0 ? markup`<ul class="rows">${rows}</ul>` : markup`<p>You have no passkey yet.</p>`}
<div class="notice bad" role="alert" tabindex="-1" data-passkey-error hidden></div>
${mayChange(parts) && addPasskey()}</section>`;
}

function passkeyForms(id: string, name: string): Markup {
  const field = `name-${id}`;
  return markup`<details class="inline"><summary aria-label="Rename the passkey ${name}">Rename</summary>
<form method="post" action="/account/passkeys/rename">${hidden('id', id)}
<label for="${field}">New name</label>
<input id="${field}" name="name" type="text" value="${name}" maxlength="64" required autocomplete="off">
<button class="plain" type="submit">Rename</button></form></details>
<form method="post" action="/account/passkeys/remove">${hidden('id', id)}
<button class="danger" type="submit" aria-label="Remove the passkey ${name}">Remove</button></form>`;
}

function addPasskey(): Markup {
  return markup`<noscript><p class="soft">Adding a passkey needs JavaScript.</p></noscript>
<form data-passkey-add hidden>
${field({ name: 'name', label: 'Name of the new passkey', autocomplete: 'off', hint: 'Such as “Phone” or “Blue key”.' })}
<button type="submit">Add a passkey</button></form>`;
}

function totpCard(parts: AccountPage): Markup {
  const { totpSince, recoveryCodesLeft } = parts.factors;
  const isOn = totpSince !== null;
  const state = isOn
    ? markup`<p>On since ${momentOf(totpSince)}. You have ${recoveryCodesLeft} recovery codes left.</p>`
    : markup`<p>Off. If you switch it on, your password alone is no longer enough to sign in.</p>`;
  const acts = isOn
    ? markup`<form method="post" action="/account/recovery-codes"><button class="plain" type="submit">New recovery codes</button></form>
<form method="post" action="/account/totp/remove"><button class="danger" type="submit">Remove the app</button></form>`
    : markup`<form method="post" action="/account/totp"><button type="submit">Set up an app</button></form>`;
  return markup`<section class="card" aria-labelledby="totp-title">
<h2 id="totp-title">Authenticator app${isOn && markup`<span class="badge on">on</span>`}</h2>
<p class="soft small">A second step after your password: six digits that an app on your phone shows.</p>
${state}${mayChange(parts) && markup`<div class="actions">${acts}</div>`}</section>`;
}

function providersCard(parts: AccountPage): Markup | undefined {
  const { providers, links } = parts;
  const gone = links.filter(({ provider }) => !providers.some(({ name }) => name === provider));
  const all = [...providers, ...gone.map(({ provider }) => ({ name: provider, title: provider }))];
  if (all.length === 0) return undefined;
  const rows = all.map((provider) => {
    const link = links.find((each) => each.provider === provider.name);
    return markup`<li><div><strong>${provider.title}</strong>${link && markup`<span class="badge on">linked</span>`}
${linkWords(link)}</div>
${mayChange(parts) && linkForm(provider, link !== undefined)}</li>`;
  });
  return markup`<section class="card" aria-labelledby="providers-title">
<h2 id="providers-title">Other ways to sign in</h2>
<p class="soft small">Link an account that you have elsewhere, then sign in here with it.</p>
<ul class="rows">${rows}</ul></section>`;
}

function linkWords(link: ProviderLink | undefined): Markup | undefined {
  if (!link) return undefined;
  const { label, createdAt, lastUsedAt } = link;
  const used = lastUsedAt === null ? 'not used yet' : `last used ${momentOf(lastUsedAt)}`;
  return markup`<div class="soft small">${label !== null && `${label}, `}linked ${momentOf(createdAt)}, ${used}</div>`;
}

function linkForm({ name, title }: OfferedProvider, isLinked: boolean): Markup {
  return isLinked
    ? markup`<form method="post" action="/account/providers/unlink">${hidden('provider', name)}
<button class="danger" type="submit" aria-label="Remove the link with ${title}">Remove</button></form>`
    : markup`<form method="post" action="/account/providers/link">${hidden('provider', name)}
<button class="plain" type="submit" aria-label="Link ${title}">Link</button></form>`;
}

function appPasswordCard(parts: AccountPage): Markup {
  const { appPasswordSince: since } = parts;
  const state =
    since === undefined ? 'You have none.' : `Created ${momentOf(since)}. A new password replaces it.`;
  const acts = markup`<form method="post" action="/account/app-password"><button class="plain" type="submit">Make a new one</button></form>
${
  since !== undefined &&
  markup`<form method="post" action="/account/app-password/remove"><button class="danger" type="submit" aria-label="Remove the password for programs">Remove</button></form>`
}`;
  return markup`<section class="card" aria-labelledby="app-password-title">
<h2 id="app-password-title">Password for programs</h2>
<p class="soft small">For a program that knows only a user name and a password, at pages that accept it. It is made here,
so that no program needs your own password.</p>
<p>${state}</p>
${mayChange(parts) && markup`<div class="actions">${acts}</div>`}</section>`;
}

function sessionsCard({ session: current, sessions }: AccountPage): Markup {
  const rows = sessions.map(
    ({ id, host, createdAt, lastSeenAt, address, userAgent }) => markup`<li><div><strong>${
      host ?? 'This site'
    }</strong>${id === current.id && markup`<span class="badge on">this browser</span>`}
<div class="soft small">${browserName(userAgent)}, from ${address}; since ${momentOf(createdAt)}, last used ${momentOf(
      lastSeenAt,
    )}</div></div>
${
  id !== current.id &&
  markup`<form method="post" action="/account/sessions/end">${hidden('id', id)}
<button class="plain" type="submit" aria-label="End the session at ${host ?? 'this site'} since ${momentOf(createdAt)}">End</button></form>`
}</li>`,
  );
  return markup`<section class="card" aria-labelledby="sessions-title">
<h2 id="sessions-title">Where you are signed in</h2>
<ul class="rows">${rows}</ul>
${
  sessions.length > 1 &&
  markup`<div class="actions"><form method="post" action="/account/sessions/end-others">
<button class="plain" type="submit">End all other sessions</button></form></div>`
}</section>`;
}
