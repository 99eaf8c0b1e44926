// Cookies (RFC 6265bis) with tough-cookie: a jar that knows the public suffixes, in memory or in a file. The
// first request loads the library.
import type { Cookie, CookieJar } from 'tough-cookie';
import { withHeader } from '../http/field-list.ts';
import { setCookiesOf } from '../http/lazy-response.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';
import { type JarStore, openJar } from './cookie-file.ts';
import { hidesSecure, isConfidential, readCookie } from './cookie-rules.ts';

/** Where the cookies are stored. */
export interface CookieOptions {
  /**
   * A JSON file that only its owner can read. The first cookie creates it. Programs can share it.
   * Default: in memory.
   */
  file?: string;
}

/**
 * Remembers cookies, and sends each to the sites that it is for.
 * @example
 * const browser = client().with(cookies());
 * await browser.post(`${site}/login`, { form: { username, password } });
 * const page = await browser.get(`${site}/private`).text();
 */
export function cookies({ file }: CookieOptions = {}): Middleware {
  const selection = createSelection(file === undefined);
  let opening: Promise<JarStore> | undefined;
  let opened: JarStore | undefined;
  let stored = 0;
  return atStage('cookies', async (request, next) => {
    if (opened === undefined) {
      opening ??= openJar(file);
      opened = await opening;
    }
    const own = opened;
    const jar = own.newest();
    const selected = await selection.cookiesFor(jar instanceof Promise ? await jar : jar, request.url);
    const response = await next(selected ? withCookies(request, selected) : request);
    const set = setCookiesOf(response);
    if (set.length === 0) return response;
    await own.change(async (jar) => {
      for (const line of set) await store({ jar, lib: own.lib }, line, request.url);
      await limitSite(jar, request.url);
      stored += set.length;
      if (stored <= OFTEN) return;
      stored = 0;
      await removeOld(jar);
    });
    selection.forget();
    return response;
  });
}

/** After this many new cookies, the jar is pruned. */
const OFTEN = 1000;

/** Limits for one site and for the whole jar (RFC 6265bis §6.1). */
const MOST_OF_SITE = 200;
const MOST_IN_ALL = 10_000;

async function store(
  { jar, lib }: { jar: CookieJar; lib: JarStore['lib'] },
  line: string,
  url: URL,
): Promise<void> {
  const read = readCookie(line, url, { lib, now: Date.now() });
  if (read === undefined) return;
  const canHide = !read.secure && !isConfidential(url);
  if (canHide && hidesSecure(read, url, { all: await jar.store.getAllCookies(), lib })) return;
  await jar.setCookie(read, url.href, { ignoreError: true });
}

async function limitSite(jar: CookieJar, url: URL): Promise<void> {
  const all = await jar.getCookies(url.href, { allPaths: true, sort: false });
  if (all.length <= MOST_OF_SITE) return;
  for (const cookie of all.sort(byWorth).slice(0, all.length - MOST_OF_SITE)) await remove(jar, cookie);
}

/** Cookies that are not Secure are removed first, the oldest before the others. */
function byWorth(one: Cookie, other: Cookie): number {
  return Number(one.secure) - Number(other.secure) || Number(one.creation) - Number(other.creation);
}

async function remove(jar: CookieJar, { domain, path, key }: Cookie): Promise<void> {
  if (domain !== null && path !== null) await jar.store.removeCookie(domain, path, key);
}

/** Otherwise, cookies of sites that are not visited again would stay for ever. */
async function removeOld(jar: CookieJar): Promise<void> {
  const all = await jar.store.getAllCookies();
  const [over, left] = [[], []] as [Cookie[], Cookie[]];
  for (const cookie of all) ((cookie.expiryTime() ?? Infinity) <= Date.now() ? over : left).push(cookie);
  const surplus = left.sort(byWorth).slice(0, Math.max(0, left.length - MOST_IN_ALL));
  for (const cookie of [...over, ...surplus]) await remove(jar, cookie);
}

interface Selection {
  /** The value of Cookie, or an empty string. */
  cookiesFor(jar: CookieJar, url: URL): string | Promise<string>;
  /** The jar has changed. */
  forget(): void;
}

const REMEMBERED_PATHS = 256;

/** Selecting from a jar takes longer than the rest of a request, so the result is cached. */
function createSelection(isNew: boolean): Selection {
  let isEmpty = isNew;
  let from: CookieJar | undefined;
  let changes = 0;
  const selected = new Map<string, { value: string; until: number }>();
  const select = async (jar: CookieJar, url: URL, key: string) => {
    const before = changes;
    const found = await jar.getCookies(url.href);
    const value = found.map((cookie) => cookie.cookieString()).join('; ');
    if (changes !== before) return value;
    if (selected.size >= REMEMBERED_PATHS) selected.clear();
    selected.set(key, { value, until: Math.min(...found.map((cookie) => cookie.expiryTime() ?? Infinity)) });
    return value;
  };
  const forget = () => {
    changes += 1;
    selected.clear();
  };
  return {
    cookiesFor(jar, url) {
      if (isEmpty) return '';
      if (jar !== from) forget();
      from = jar;
      const key = url.origin + url.pathname;
      const known = selected.get(key);
      return known !== undefined && Date.now() < known.until ? known.value : select(jar, url, key);
    },
    forget() {
      isEmpty = false;
      forget();
    },
  };
}

function withCookies(request: HttpRequest, stored: string): HttpRequest {
  const own = request.headers.get('cookie');
  return withHeader(request, 'cookie', own === null ? stored : `${own}; ${stored}`);
}
