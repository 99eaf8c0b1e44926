// Errors of pages, as pages.
import { problemFrom } from '@gatehouse/access';
import { z } from 'zod';
import type { ErrorForm } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log/log.ts';
import { markup } from '../../platform/pages/markup.ts';
import { page } from '../../platform/pages/page.ts';

/** The form of errors on the routes of pages. */
export function pageErrors(log: Log): ErrorForm {
  return {
    mediaType: 'text/html',
    schema: z.string(),
    answer(error, requestId) {
      const problem = problemFrom(error, requestId);
      if (problem.status >= 500) log.event('control.request_failed', { requestId, error });
      return page({
        title: problem.title,
        status: problem.status,
        ...(problem.status === 429 && { headers: { 'retry-after': '2' } }),
        body: markup`<div class="card"><h1>${problem.title}</h1>
<p>${problem.detail ?? 'Try again in a moment.'}</p>
<p class="soft small">Request ${requestId}</p>
<p><a href="/account">Go to your account</a></p></div>`,
      });
    },
  };
}
