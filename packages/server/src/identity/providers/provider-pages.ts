// The pages of a sign-in through another provider: the redirect to it, and the error page.
import { GatehouseError } from '@gatehouse/access';
import type { Answer } from '../../platform/http/answer.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';

/** How a page offers a provider. */
export interface OfferedProvider {
  name: string;
  title: string;
}

/**
 * Continues to the provider automatically: the answer to a form could not redirect there, because its page
 * allows only our own host (CSP `form-action`).
 */
export function onwardPage(title: string, url: string, cookie: string): Answer {
  return page({
    title: `Link ${title}`,
    headers: { refresh: `0; url=${url}`, 'set-cookie': cookie },
    body: markup`<div class="card"><h1>Link ${title}</h1>
<p>Sign in there with the account that you want to use here.</p>
<div class="actions"><a class="button" href="${url}">Continue to ${title}</a></div></div>`,
  });
}

/** Throws errors that are not ours. With `requestId`, you find the reason in the log. */
export function failurePage(
  error: unknown,
  { next, requestId }: { next: string; requestId: string },
): Answer {
  if (!(error instanceof GatehouseError)) throw error;
  const again = `/login?${new URLSearchParams({ next })}`;
  return page({
    title: error.title,
    status: error.status,
    body: markup`<div class="card"><h1>${error.title}</h1>
<p>${error.message}</p>
<div class="actions"><a class="button" href="${again}">Sign in</a>
<a class="button plain" href="/account">My account</a></div>
<p class="soft small">Request ${requestId}</p></div>`,
  });
}
