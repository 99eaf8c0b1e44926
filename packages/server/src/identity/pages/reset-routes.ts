// The page on which people choose a new password with the link that an administrator gave them.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { Answer } from '../../platform/http/answer.ts';
import { form } from '../../platform/http/body.ts';
import type { Route } from '../../platform/http/route.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';
import type { PasswordResets } from '../passwords/password-resets.ts';
import { errorSummary, field } from './form-parts.ts';
import type { PageRoute } from './page-route.ts';
import { SCRIPTS } from './scripts.ts';

export interface ResetRouteDeps {
  pageRoute: PageRoute;
  resets: Pick<PasswordResets, 'use'>;
}

/** People may enter the whole link instead of the token in it. */
const resetForm = z.strictObject({
  token: z
    .string()
    .max(1024)
    .transform((text) => text.trim().replace(/^.*#token=/, '')),
  password: z.string().max(4096),
});

export function resetRoutes({ pageRoute, resets }: ResetRouteDeps): Route[] {
  return [
    pageRoute({
      name: 'showReset',
      method: 'GET',
      path: '/reset',
      summary: 'The page for a new password',
      handle: () => resetPage({}),
    }),
    pageRoute({
      name: 'resetPasswordWithForm',
      method: 'POST',
      path: '/reset',
      summary: 'Choose a new password on the page',
      body: form(resetForm),
      async handle(call) {
        try {
          await resets.use(call.body, call);
        } catch (error) {
          if (!(error instanceof GatehouseError) || error.status >= 500) throw error;
          const { message, status } = error;
          return resetPage({ token: call.body.token, error: message, status });
        }
        return page({ title: 'New password', body: CHANGED });
      },
    }),
  ];
}

interface ResetPage {
  token?: string;
  error?: string;
  status?: number;
}

function resetPage({ token, error, status = 200 }: ResetPage): Answer {
  return page({
    title: 'New password',
    status,
    scripts: [SCRIPTS.reset.path],
    body: markup`<div class="card">
<h1>Choose a new password</h1>
${errorSummary(error)}
<form method="post" action="/reset">
<div data-token>${field({
      name: 'token',
      label: 'Link',
      autocomplete: 'off',
      value: token,
      hint: 'The whole link that your administrator gave you.',
    })}</div>
${field({ name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password' })}
<button class="full" type="submit">Change password</button>
</form></div>`,
  });
}

const CHANGED = markup`<div class="card"><h1>Your password was changed</h1>
<p>All your sessions have ended.</p>
<div class="actions"><a class="button" href="/login">Sign in</a></div></div>`;
