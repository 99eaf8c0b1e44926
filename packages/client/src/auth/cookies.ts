// Cookies (RFC 6265bis) with tough-cookie: a jar that knows the public suffixes, in memory or in a file. The
// library is loaded with the first request.
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Cookie, CookieJar } from 'tough-cookie';
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
  let opening: Promise<CookieJar> | undefined;
  let opened: CookieJar | undefined;
  let saved: Promise<void> = Promise.resolve();
  let selection: Selection | undefined;
  return atStage('cookies', async (request, next) => {
    if (opened === undefined) {
      opening ??= openJar(file);
      opened = await opening;
      selection = createSelection(opened, file === undefined);
    }
    const jar = opened;
    const stored = await selection?.cookiesFor(request.url);
    const response = await next(stored ? withCookies(request, stored) : request);
    const set = setCookiesOf(response);
    if (set.length === 0) return response;
    for (const line of set) await store(jar, line, request.url);
    selection?.forget();
    if (file !== undefined) {
      saved = saved.catch(() => {}).then(() => save(jar, file));
      await saved;
    }
    return response;
  });
}

/** RFC 6265bis §5.7: what is longer is ignored. A page has no use for more cookies than that. */
const MOST_OCTETS = 4096;
const MOST_COOKIES = 200;

async function store(jar: CookieJar, line: string, url: URL): Promise<void> {
  const [pair = ''] = line.split(';', 1);
  if (Buffer.byteLength(pair) > MOST_OCTETS) return;
  const cookie = await jar.setCookie(line, url.href, { ignoreError: true });
  if (cookie === undefined) return;
  const all = await jar.getCookies(url.href, { allPaths: true, sort: false });
  if (all.length <= MOST_COOKIES) return;
  const [oldest] = all.sort((one, other) => Number(one.creation) - Number(other.creation));
  const { domain, path, key } = oldest as Cookie;
  if (domain !== null && path !== null) await jar.store.removeCookie(domain, path, key);
}

interface Selection {
  /** The value of Cookie, or an empty text. */
  cookiesFor(url: URL): string | Promise<string>;
  /** The jar has changed. */
  forget(): void;
}

const REMEMBERED_PATHS = 256;

/** To select from a jar takes longer than the rest of the client, so what was selected is remembered. */
function createSelection(jar: CookieJar, isNew: boolean): Selection {
  let isEmpty = isNew;
  let changes = 0;
  const selected = new Map<string, { value: string; until: number }>();
  const select = async (url: URL, key: string) => {
    const before = changes;
    const found = await jar.getCookies(url.href);
    const value = found.map((cookie) => cookie.cookieString()).join('; ');
    if (changes !== before) return value;
    if (selected.size >= REMEMBERED_PATHS) selected.clear();
    selected.set(key, { value, until: Math.min(...found.map((cookie) => cookie.expiryTime() ?? Infinity)) });
    return value;
  };
  return {
    cookiesFor(url) {
      if (isEmpty) return '';
      const key = url.origin + url.pathname;
      const known = selected.get(key);
      return known !== undefined && Date.now() < known.until ? known.value : select(url, key);
    },
    forget() {
      isEmpty = false;
      changes += 1;
      selected.clear();
    },
  };
}

function withCookies(request: HttpRequest, stored: string): HttpRequest {
  const own = request.headers.get('cookie');
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
