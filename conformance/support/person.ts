// A person with a browser: follows redirects, stores cookies, signs in on the page, and presses buttons of
// forms. Requests go to the control listener; a redirect to another place is the end.
import assert from 'node:assert/strict';
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';

export interface Person {
  /** Opens a URL, and follows redirects. `url` is the last URL: a page here, or a URL of another site. */
  open(url: string): Promise<Shown>;
  /** Sends the first form of the page, with these fields and the hidden ones. */
  submit(page: Shown, fields: Record<string, string>): Promise<Shown>;
  /** Opens a URL. Signs in and allows everything on the way. Returns the last URL. */
  goThrough(url: string): Promise<URL>;
  /** Removes a cookie. */
  lose(cookie: string): void;
}

export interface Shown {
  url: URL;
  /** Undefined at another site. */
  answer: Answer | undefined;
}

const MAX_STEPS = 20;

export function createPerson(
  { controlPort: port, ca }: { controlPort: number; ca: string },
  { name, password }: { name: string; password: string },
  /** Gets the status of each answer. */
  answered: (status: number) => void = () => {},
): Person {
  const origin = `https://localhost:${port}`;
  const cookies = new Map<string, { value: string; path: string }>();

  function keep(answer: Answer): void {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const path = attributes.find((each) => each.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
      const isGone = attributes.some((each) => /^(?:max-age=0|expires=Thu, 01 Jan 1970)/i.test(each));
      const [key, value] = [`${path} ${pair.slice(0, at)}`, pair.slice(at + 1)];
      if (isGone || value === '') cookies.delete(key);
      else cookies.set(key, { value, path });
    }
  }

  function cookieFor(path: string): string {
    return [...cookies]
      .filter(([, cookie]) => path.startsWith(cookie.path))
      .map(([key, { value }]) => `${key.split(' ')[1]}=${value}`)
      .join('; ');
  }

  async function send(start: URL, method: string, body?: string): Promise<Shown> {
    let url = start;
    let next = { method, body };
    for (let step = 0; step < MAX_STEPS; step += 1) {
      if (url.origin !== origin) return { url, answer: undefined };
      const headers: Record<string, string> = { cookie: cookieFor(url.pathname), accept: 'text/html' };
      if (next.body !== undefined) {
        Object.assign(headers, { 'content-type': 'application/x-www-form-urlencoded', origin });
      }
      const path = `${url.pathname}${url.search}`;
      const { body } = next;
      const answer = await ask({
        port,
        ca,
        path,
        method: next.method,
        headers,
        ...(body !== undefined && { body }),
      });
      answered(answer.status);
      keep(answer);
      const { location, refresh } = answer.headers;
      const target = location ?? (refresh === undefined ? undefined : String(refresh).replace('0; url=', ''));
      if (target === undefined) return { url, answer };
      url = new URL(target, url);
      next = { method: 'GET', body: undefined };
    }
    throw new Error(`more than ${MAX_STEPS} redirects, the last to ${url}`);
  }

  function submit({ url, answer }: Shown, fields: Record<string, string>): Promise<Shown> {
    const text = answer?.text() ?? '';
    const [, action = ''] = /<form[^>]* action="([^"]*)"/.exec(text) ?? [];
    const form = new URLSearchParams(fields);
    for (const [input] of text.matchAll(/<input[^>]*>/g)) {
      const [, field] = / name="([^"]*)"/.exec(input) ?? [];
      const [, value] = / value="([^"]*)"/.exec(input) ?? [];
      if (field !== undefined && value !== undefined && !form.has(field)) form.set(field, unescaped(value));
    }
    return send(new URL(unescaped(action), url), 'POST', form.toString());
  }

  return {
    open: (url) => send(new URL(url, origin), 'GET'),
    submit,
    lose: (cookie) => void cookies.delete(`/ ${cookie}`),
    async goThrough(url) {
      let shown = await send(new URL(url, origin), 'GET');
      for (let step = 0; shown.answer && step < MAX_STEPS; step += 1) {
        const text = shown.answer.text();
        assert.equal(shown.answer.status, 200, text);
        if (text.includes('name="password"')) shown = await submit(shown, { username: name, password });
        else if (text.includes('value="allow"')) shown = await submit(shown, { decision: 'allow' });
        else return shown.url;
      }
      return shown.url;
    },
  };
}

function unescaped(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}
