// The pages of oidc-provider that submit themselves (OAuth 2.0 Form Post Response Mode, a sign-out without a
// question, a device code in the URL): the same form on one of our pages. Its script is a file, so the policy
// of the page allows no inline script, and without JavaScript there is a button.
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { SubmittedForm } from './pages.ts';
import * as pages from './pages.ts';

type Middleware = Parameters<Provider['use']>[0];

/** With this field, a sign-out does not end our session, because another person has just signed in here. */
export const KEEP_SESSION = 'keep_session';

const TITLE = '<title>Submitting Callback</title>';
const ACTION = /<form method="post" action="([^"]*)">/;
const FIELD = /<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g;

/** `origin`: the origin of the control listener. */
export function showForms(origin: string): Middleware {
  return async (given, next) => {
    await next();
    const ctx = given as unknown as KoaContextWithOIDC;
    const form = readForm(ctx.body);
    if (!form) return;
    const { route, params, entities } = ctx.oidc;
    // The targets of the answers to the form.
    const uris = [form.action, params?.post_logout_redirect_uri, entities.Interaction?.params.redirect_uri];
    const targets = uris.flatMap((uri) => pages.targetOf(uri) ?? []).filter((target) => target !== origin);
    const isOtherPerson = route === 'resume' || route === 'device_resume';
    if (isOtherPerson) form.fields.push([KEEP_SESSION, 'yes']);
    pages.showPage(ctx, pages.goOnForm(form, { targets: [...new Set(targets)], status: ctx.status }));
  };
}

/** The form of such a page; undefined for other pages. */
function readForm(body: unknown): SubmittedForm | undefined {
  if (typeof body !== 'string' || !body.includes(TITLE)) return undefined;
  const [, action] = ACTION.exec(body) ?? [];
  if (action === undefined) return undefined;
  const fields = [...body.matchAll(FIELD)].map(([, name = '', value = '']): [string, string] => [
    unescaped(name),
    unescaped(value),
  ]);
  return { action: unescaped(action), fields };
}

const CHARACTERS: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity);
}
