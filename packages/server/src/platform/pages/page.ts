// The frame of all pages of the control listener. The browser may load nothing but this page, its style and
// our own scripts, and no other page may frame it (CSP Level 3).
import { createHash } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { html } from '../http/answer.ts';
import type { Markup } from './markup.ts';
import { markup, trusted } from './markup.ts';
import { STYLE } from './style.ts';

export interface Page {
  title: string;
  body: Markup;
  /** Default: 200. */
  status?: number;
  headers?: Answer['headers'];
  /** `wide` has room for lists. */
  width?: 'narrow' | 'wide';
  /** The signed-in person and their actions, for the top of the page. */
  who?: Markup;
  /** Paths of our own scripts. */
  scripts?: readonly string[];
  /** Other origins to which an answer to a form of this page may redirect (CSP `form-action`). */
  formTargets?: readonly string[];
}

/**
 * The answer with a page.
 *
 * @example
 * return page({ title: 'Sign in', body: markup`<h1>Sign in</h1>` });
 */
export function page(parts: Page): Answer & { json?: never } {
  const { status = 200, headers = {} } = parts;
  return html(documentOf(parts), status, { ...pageHeaders(parts.formTargets), ...headers });
}

/** Redirects with GET (RFC 9110 §15.4.4). */
export function seeOther(
  location: string,
  headers: Answer['headers'] = {},
): Answer & { status: 303; json?: never } {
  return { status: 303, headers: { location, 'cache-control': 'no-store', ...headers } };
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    // Links that work once have their code in the URL. With `no-referrer`, forms would send `Origin: null`
    // (Fetch §3.1), which looks like the form of another site.
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
  };
}

const GATE =
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">' +
  '<path d="M4 21V10a8 8 0 0 1 16 0v11M2.5 21h19M9.3 21v-9M14.7 21v-9"/></svg>';

/** Otherwise browsers ask for /favicon.ico. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  GATE.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ').replace('currentColor', '#0b6b4f'),
)}`;

function documentOf({ title, body, width = 'narrow', who, scripts = [] }: Page): string {
  const { html: text } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Gatehouse</title>
<link rel="icon" href="${ICON}">
<style>${trusted(STYLE)}</style>
${scripts.map((path) => markup`<script src="${path}" defer></script>\n`)}</head>
<body class="${width}">
<header class="top"><a class="brand" href="/account">${trusted(GATE)}Gatehouse</a>${who}</header>
<main>
${body}
</main>
</body>
</html>
`;
  return text;
}
