// A browser without a screen for several sites. Each origin has its own cookies. It follows redirects, and
// pages that continue by themselves.
import type { CookieJar, Visit } from './cookie-jar.ts';
import { createCookieJar } from './cookie-jar.ts';
import type { Answer } from './https-client.ts';

export interface Traveller {
  /** The cookies of an origin. */
  at(origin: string): CookieJar;
  /** Ends at the last page, or before an unknown origin. */
  go(url: string, visit?: Visit): Promise<Arrival>;
}

export type Arrival = Answer & { url: URL };

const MAX_STEPS = 20;

/** `roots`: PEM of the root for each origin. */
export function createTraveller(roots: Readonly<Record<string, string>>): Traveller {
  const jars = new Map(Object.entries(roots).map(([origin, ca]) => [origin, createCookieJar(ca)]));

  function at(origin: string): CookieJar {
    const jar = jars.get(origin);
    if (!jar) throw new Error(`no root for ${origin}`);
    return jar;
  }

  return {
    at,
    async go(start, { follow = MAX_STEPS, ...first } = {}) {
      let url = new URL(start);
      let answer = await at(url.origin).visit(url.href, { ...first, follow: 0 });
      for (let left = follow; left > 0; left -= 1) {
        const next = onward(answer, url);
        if (!next || !jars.has(next.origin)) break;
        url = next;
        answer = await at(url.origin).visit(url.href, { follow: 0 });
      }
      return { ...answer, url };
    },
  };
}

/** The target to which the answer sends the browser. */
export function onward({ status, headers }: Pick<Answer, 'status' | 'headers'>, from: URL): URL | undefined {
  const { location, refresh } = headers;
  if (status >= 300 && status < 400 && location !== undefined) return new URL(location, from);
  return refresh === undefined ? undefined : new URL(String(refresh).replace(/^0; url=/, ''), from);
}
