// A browser without a screen: it stores cookies by RFC 6265, sends them to all ports of their host, and
// follows redirects between the gateway and the control listener.
import type { Answer } from './https-client.ts';
import { ask } from './https-client.ts';

export interface Visit {
  method?: string;
  /** The fields of a form. */
  form?: Record<string, string>;
  headers?: Record<string, string>;
  /** How many redirects to follow; default: all. */
  follow?: number;
}

export interface CookieJar {
  readonly cookies: Map<string, string>;
  /** All received fields Set-Cookie. */
  readonly set: readonly string[];
  /** Resolves with the last answer, and its URL. */
  visit(url: string, visit?: Visit): Promise<Answer & { url: URL }>;
}

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const MAX_REDIRECTS = 12;

/** `ca` is PEM. All URLs are of https://localhost. */
export function createCookieJar(ca: string): CookieJar {
  const cookies = new Map<string, string>();
  const set: string[] = [];

  function keep(line: string): void {
    set.push(line);
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) cookies.delete(name);
    else cookies.set(name, pair.slice(name.length + 1));
  }

  async function once(url: URL, { method, form, headers }: Visit): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask({
      port: Number(url.port),
      ca,
      path: url.pathname + url.search,
      method: method ?? (form ? 'POST' : 'GET'),
      headers: {
        ...NAVIGATION,
        ...(cookie !== '' && { cookie }),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin: url.origin }),
        ...headers,
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    for (const line of answer.headers['set-cookie'] ?? []) keep(line);
    return answer;
  }

  return {
    cookies,
    set,
    async visit(start, { follow = MAX_REDIRECTS, ...first }: Visit = {}) {
      let url = new URL(start);
      let answer = await once(url, first);
      for (let left = follow; left > 0 && answer.status === 303; left -= 1) {
        url = new URL(answer.headers.location ?? '', url);
        answer = await once(url, { headers: first.headers ?? {} });
      }
      return { ...answer, url };
    },
  };
}

/** The value of a hidden field. */
export function hiddenField(text: string, name: string): string {
  const [, value = ''] = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(text) ?? [];
  return value.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');
}
