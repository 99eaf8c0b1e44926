// Cookies (RFC 6265bis) with tough-cookie: a jar that knows the public suffixes, in memory or in a file. The
// library is loaded with the first request.
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { CookieJar } from 'tough-cookie';
import { setCookiesOf } from '../http/lazy-response.ts';
import { atStage, type HttpRequest, type Middleware, withHeader } from '../http/middleware.ts';

/** Where the cookies are. */
export interface CookieOptions {
  /** A JSON file, which only its owner can read. It is made with the first cookie. Default: in memory. */
  file?: string;
}

/**
 * Remembers cookies and sends them back where they belong.
 * @example
 * const browser = client().with(cookies());
 * await browser.post(`${site}/login`, { form: { username, password } });
 * const page = await browser.get(`${site}/private`).text();
 */
export function cookies({ file }: CookieOptions = {}): Middleware {
  let opened: Promise<CookieJar> | undefined;
  let isEmpty = file === undefined; // to select from a jar takes longer than the rest of the client
  let saved: Promise<void> = Promise.resolve();
  return atStage('cookies', async (request, next) => {
    opened ??= openJar(file);
    const jar = await opened;
    const response = await next(isEmpty ? request : await withCookies(request, jar));
    const set = setCookiesOf(response);
    if (set.length > 0) isEmpty = false;
    for (const line of set) await jar.setCookie(line, request.url.href, { ignoreError: true });
    if (set.length > 0 && file !== undefined) {
      saved = saved.catch(() => {}).then(() => save(jar, file));
      await saved;
    }
    return response;
  });
}

async function withCookies(request: HttpRequest, jar: CookieJar): Promise<HttpRequest> {
  const own = request.headers.get('cookie');
  const stored = await jar.getCookieString(request.url.href);
  if (stored === '') return request;
  return withHeader(request, 'cookie', own === null ? stored : `${own}; ${stored}`);
}

async function openJar(file: string | undefined): Promise<CookieJar> {
  const { CookieJar } = await import('tough-cookie');
  const options = { rejectPublicSuffixes: true, looseMode: false, prefixSecurity: 'silent' } as const;
  const text = file === undefined ? undefined : await readIfPresent(file);
  return text === undefined ? new CookieJar(undefined, options) : CookieJar.deserialize(text);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all: a program that stops must not leave half a jar. */
async function save(jar: CookieJar, file: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(await jar.serialize()), { mode: 0o600 });
  await rename(temporary, file);
}
