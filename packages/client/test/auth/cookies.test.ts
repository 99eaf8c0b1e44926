// A table of cookies (RFC 6265bis): which requests send back the cookie of an answer.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { cookies } from '../../src/auth/cookies.ts';
import { whileLocked } from '../../src/auth/lock.ts';
import type { Middleware } from '../../src/index.ts';
import { requestTo } from '../support/request.ts';

const HOST = 'https://www.example.co.uk/a/b';
const long = (octets: number) => 'x'.repeat(octets);
const cases: readonly (readonly [set: string, next: string, isSent: boolean])[] = [
  ['c=1', 'https://www.example.co.uk/a/c', true],
  ['c=1', 'https://www.example.co.uk/other', false],
  ['c=1; Path=/', 'https://www.example.co.uk/other', true],
  ['c=1; Path=/', 'https://www.example.co.uk:8443/', true],
  ['c=1; Path=/', 'https://example.co.uk/', false],
  ['c=1; Path=/', 'https://x.www.example.co.uk/', false],
  ['c=1; Path=/; Domain=example.co.uk', 'https://other.example.co.uk/', true],
  ['c=1; Path=/; Domain=example.co.uk', 'https://badexample.co.uk/', false],
  ['c=1; Path=/; Domain=co.uk', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Domain=evil.example', 'https://evil.example/', false],
  ['c=1; Path=/; Secure', 'http://www.example.co.uk/', false],
  ['c=1; Path=/; HttpOnly', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Max-Age=0', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'https://www.example.co.uk/', false],
  ['__Host-c=1; Path=/; Secure', 'https://www.example.co.uk/', true],
  ['__Host-c=1; Path=/; Secure; Domain=example.co.uk', 'https://www.example.co.uk/', false],
  ['__Host-c=1; Secure', 'https://www.example.co.uk/a/b', false],
  ['__Host-c=1; Path=/a; Secure', 'https://www.example.co.uk/a/b', false],
  ['__hOsT-c=1; Path=/', 'https://www.example.co.uk/', false],
  ['__Secure-c=1; Path=/', 'https://www.example.co.uk/', false],
  ['__Secure-c=1; Path=/; Secure', 'https://www.example.co.uk/', true],
  ['__secure-c=1; Path=/', 'https://www.example.co.uk/', false],
  // Paths (§5.1.4).
  ['c=1; Path=/a', 'https://www.example.co.uk/a', true],
  ['c=1; Path=/a', 'https://www.example.co.uk/a/b', true],
  ['c=1; Path=/a', 'https://www.example.co.uk/ab', false],
  ['c=1; Path=/a/', 'https://www.example.co.uk/a', false],
  ['c=1; Path=/a/', 'https://www.example.co.uk/a/b', true],
  ['c=1; Path=/A', 'https://www.example.co.uk/a', false],
  ['c=1; Path=a', 'https://www.example.co.uk/a/x', true],
  ['c=1; Path=a', 'https://www.example.co.uk/', false],
  ['c=1; Path=', 'https://www.example.co.uk/a/x', true],
  ['c=1; Path=/x; Path=/', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Path=/x', 'https://www.example.co.uk/', false],
  ['c=1; path = / ', 'https://www.example.co.uk/', true],
  // Domains (§5.1.3, §5.6.3).
  ['c=1; Path=/; Domain=.example.co.uk', 'https://other.example.co.uk/', true],
  ['c=1; Path=/; Domain=EXAMPLE.CO.UK', 'https://other.example.co.uk/', true],
  ['c=1; Path=/; Domain=www.example.co.uk', 'https://x.www.example.co.uk/', true],
  ['c=1; Path=/; Domain=x.www.example.co.uk', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Domain=ample.co.uk', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Domain=', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Domain=', 'https://x.www.example.co.uk/', false],
  ['c=1; Path=/; Domain=evil.example; Domain=example.co.uk', 'https://other.example.co.uk/', true],
  ['c=1; Path=/; Domain=example.co.uk; Domain=evil.example', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Domain=example.co.uk; Domain=', 'https://other.example.co.uk/', false],
  // Attributes (§5.6).
  ['c=1; PATH=/; SECURE', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Secure=no', 'http://www.example.co.uk/', false],
  ['c=1; Path=/; Unknown=2; ;', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Max-Age=60', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Max-Age=-1', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Max-Age=x', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Max-Age=0; Max-Age=60', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Expires=never', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; Expires=Thu, 01-Jan-70 00:00:00 GMT', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; Expires=Thu Jan  1 00:00:00 1970', 'https://www.example.co.uk/', false],
  [`c=1; Path=/; Domain=${long(1025)}`, 'https://www.example.co.uk/', true],
  ['c=1; Path=/; SameSite=Strict', 'https://www.example.co.uk/', true],
  ['c=1; Path=/; SameSite=None', 'https://www.example.co.uk/', false],
  ['c=1; Path=/; SameSite=None; Secure', 'https://www.example.co.uk/', true],
  // Names and values (§5.6, §5.7).
  ['c=', 'https://www.example.co.uk/a/b', true],
  ['c==1', 'https://www.example.co.uk/a/b', true],
  ['c="1 2, 3"', 'https://www.example.co.uk/a/b', true],
  ['c d=1', 'https://www.example.co.uk/a/b', true],
  ['c=\u00fc', 'https://www.example.co.uk/a/b', true],
  ['c=1\t', 'https://www.example.co.uk/a/b', true],
  ['c=1\u0001', 'https://www.example.co.uk/a/b', false],
  ['c=1; Path=/\u007f', 'https://www.example.co.uk/a/b', false],
  ['value', 'https://www.example.co.uk/a/b', true],
  ['=value', 'https://www.example.co.uk/a/b', true],
  ['=c=1', 'https://www.example.co.uk/a/b', false],
  ['=__Host-c', 'https://www.example.co.uk/a/b', false],
  ['__secure-c', 'https://www.example.co.uk/a/b', false],
  ['', 'https://www.example.co.uk/a/b', false],
  ['; Path=/', 'https://www.example.co.uk/', false],
  [`c=${long(4095)}`, 'https://www.example.co.uk/a/b', true],
  [`c=${long(4096)}`, 'https://www.example.co.uk/a/b', false],
];

/** The URL that sets the cookie, if it is not the usual one. */
const from: readonly (readonly [from: string, set: string, next: string, isSent: boolean])[] = [
  ['http://www.example.co.uk/', 'c=1; Secure', 'https://www.example.co.uk/', false],
  ['http://www.example.co.uk/', 'c=1', 'https://www.example.co.uk/', true],
  ['http://localhost/', 'c=1; Secure', 'http://localhost/', true],
  ['http://127.0.0.1/', 'c=1; Secure', 'http://127.0.0.1/', true],
  ['http://127.0.0.1/', 'c=1; Domain=127.0.0.1', 'http://127.0.0.1:8080/', true],
  ['http://127.0.0.1/', 'c=1; Domain=0.0.1', 'http://127.0.0.1/', false],
  ['http://[::1]/', 'c=1', 'http://[::1]:8080/', true],
  ['https://co.uk/', 'c=1; Domain=co.uk', 'https://co.uk/', true],
  ['https://co.uk/', 'c=1; Domain=co.uk', 'https://www.co.uk/', false],
  ['https://user.github.io/', 'c=1; Domain=github.io', 'https://user.github.io/', false],
  ['https://example.com/a', 'c=1', 'https://example.com/', true],
  ['https://example.com/a/', 'c=1', 'https://example.com/a', true],
  ['https://example.com/a/b/', 'c=1', 'https://example.com/a/', false],
  ['https://example.com?q', 'c=1', 'https://example.com/a', true],
];

async function sentTo(jar: Middleware, next: string): Promise<string | null> {
  let sent: string | null = null;
  await jar(requestTo(next), async ({ headers }) => {
    sent = headers.get('cookie');
    return new Response();
  });
  return sent;
}

async function setAt(jar: Middleware, place: string, ...lines: string[]): Promise<void> {
  const response = new Response();
  Object.defineProperty(response, 'headers', { value: { getSetCookie: () => lines } });
  await jar(requestTo(place), async () => response);
}

for (const [place, set, next, isSent] of [...cases.map((each) => [HOST, ...each] as const), ...from]) {
  const shown = set.length > 100 ? `${set.slice(0, 30)}… (${set.length})` : set;
  test(`${JSON.stringify(shown)} of ${place} is ${isSent ? '' : 'not '}sent to ${next}`, async () => {
    const jar = cookies();
    await setAt(jar, place, set);
    const pair = (set.split(';')[0] ?? '').replace(/^=/, '').trim();
    assert.equal(await sentTo(jar, next), isSent ? pair : null);
  });
}

test('the cookie with the longer path comes first, and then the older one (§5.8.3)', async () => {
  const jar = cookies();
  await setAt(jar, HOST, 'a=1; Path=/', 'b=1; Path=/a/b', 'c=1; Path=/a', 'd=1; Path=/', 'a=2; Path=/');
  assert.equal(await sentTo(jar, HOST), 'b=1; c=1; a=2; d=1');
});

test('plain HTTP sets no cookie that hides a Secure one (§5.7)', async () => {
  const jar = cookies();
  const at = 'http://www.example.co.uk/a/b';
  await setAt(jar, HOST, 'id=1; Path=/a; Secure; Domain=example.co.uk');
  await setAt(
    jar,
    at,
    'id=2; Path=/a',
    'id=3; Path=/a/b',
    'id=4; Path=/a; Domain=example.co.uk',
    'other=1; Path=/a',
  );
  assert.equal(await sentTo(jar, HOST), 'id=1; other=1');
  await setAt(jar, at, 'id=5; Path=/');
  assert.equal(await sentTo(jar, HOST), 'id=1; other=1; id=5', 'one that does not hide it is allowed');
});

test('a cookie expires after 400 days at the latest, and Max-Age counts from when it was set (§5.6.2)', async (t) => {
  const day = 86_400_000;
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2030-01-01') });
  for (const [lifetime, days] of [
    ['Max-Age=99999999999', 400],
    ['Expires=Fri, 01 Jan 2100 00:00:00 GMT', 400],
    ['Max-Age=172800', 2],
  ] as const) {
    const jar = cookies();
    await setAt(jar, HOST, `c=1; Path=/; ${lifetime}`);
    t.mock.timers.tick((days - 1) * day);
    assert.equal(await sentTo(jar, `${HOST}?1`), 'c=1', lifetime);
    t.mock.timers.tick(day + 1000);
    assert.equal(await sentTo(jar, HOST), null, lifetime);
  }
});

test('if a site has too many cookies, those that are not Secure are removed first', async () => {
  const jar = cookies();
  await setAt(jar, HOST, 'old=1; Path=/; Secure');
  await setAt(jar, HOST, ...Array.from({ length: 250 }, (_, index) => `c${index}=1; Path=/`));
  const sent = (await sentTo(jar, HOST))?.split('; ') ?? [];
  assert.deepEqual([sent.length, sent.includes('old=1')], [200, true]);
});

test('the jar has a size limit, also with many sites', async () => {
  const jar = cookies();
  const lines = Array.from({ length: 199 }, (_, index) => `c${index}=1; Path=/`);
  for (let site = 0; site < 61; site += 1) await setAt(jar, `https://s${site}.example/`, ...lines);
  const kept = await Promise.all(
    Array.from({ length: 61 }, (_, site) => sentTo(jar, `https://s${site}.example/`)),
  );
  const count = kept.reduce((sum, sent) => sum + (sent?.split('; ').length ?? 0), 0);
  assert.ok(count <= 11_000, `${count} cookies`);
  assert.equal(kept.at(-1)?.split('; ').length, 199, 'the newest stay');
});

test('programs that share a file lose no cookie, and see what another one has set and removed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-jar-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'jar.json');
  const programs = [cookies({ file }), cookies({ file }), cookies({ file })] as const;
  const sets = programs.flatMap((jar, program) =>
    Array.from({ length: 8 }, (_, index) => setAt(jar, HOST, `c${program}${index}=1; Path=/`)),
  );
  await Promise.all(sets);
  const [one, other] = programs;
  assert.equal((await sentTo(cookies({ file }), HOST))?.split('; ').length, 24);
  assert.equal((await sentTo(one, HOST))?.split('; ').length, 24);
  await setAt(other, HOST, 'c00=; Path=/; Max-Age=0');
  assert.equal((await sentTo(one, HOST))?.includes('c00'), false, 'signed out by another program');
  assert.deepEqual(readdirSync(folder), ['jar.json']);
});

test('removes the lock of a program that was killed, even if its time is ahead', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-jar-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const lock = join(folder, 'lock');
  for (const seconds of [-90, 90]) {
    writeFileSync(lock, 'of a program that stopped');
    utimesSync(lock, new Date(), new Date(Date.now() + seconds * 1000));
    let running = 0;
    const work = async () => {
      running += 1;
      assert.equal(running, 1, 'one at a time');
      await setImmediate();
      running -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => whileLocked(lock, work)));
  }
  await whileLocked(lock, async () => writeFileSync(lock, 'of another, which took it away'));
  assert.equal(readFileSync(lock, 'utf8'), 'of another, which took it away');
});

test('a file that is not a jar is reported by name, and not overwritten', async (t) => {
  const file = join(tmpdir(), `gatehouse-jar-${process.pid}.json`);
  t.after(() => rmSync(file, { force: true }));
  writeFileSync(file, 'nonsense');
  await assert.rejects(setAt(cookies({ file }), HOST, 'c=1'), /is not a cookie jar: remove it/);
  assert.equal(readFileSync(file, 'utf8'), 'nonsense');
});

test('a server cannot fill the jar: it ignores long cookies, and removes the oldest if there are too many', async () => {
  const jar = cookies();
  const set = async (...lines: string[]) => {
    const headers = new Headers();
    for (const line of lines) headers.append('set-cookie', line);
    await jar(requestTo(HOST), async () => new Response(null, { headers }));
  };
  const sent = async () => {
    let value = '';
    await jar(requestTo(HOST), async ({ headers }) => {
      value = headers.get('cookie') ?? '';
      return new Response();
    });
    return value === '' ? [] : value.split('; ');
  };
  await set(`long=${'x'.repeat(4096)}`, `just=${'x'.repeat(4091)}`);
  assert.deepEqual(
    (await sent()).map((each) => each.slice(0, 4)),
    ['just'],
  );
  await set(...Array.from({ length: 300 }, (_, index) => `c${index}=1`));
  const left = await sent();
  assert.equal(left.length, 200);
  assert.ok(left.includes('c299=1') && !left.includes('c0=1'));
});

for (const line of [
  '=',
  ';',
  '=;=;=',
  'a',
  'a=b; Domain=',
  'a=b; Path',
  'a=b; Expires=never; Max-Age=x',
  '\u0000=1',
]) {
  test(`${JSON.stringify(line)} in Set-Cookie breaks nothing`, async () => {
    const jar = cookies();
    const response = Object.assign(new Response(), {});
    Object.defineProperty(response, 'headers', { value: { getSetCookie: () => [line] } });
    await jar(requestTo(HOST), async () => response);
    await jar(requestTo(HOST), async () => new Response());
  });
}

test("the caller's own Cookie field is sent together with the cookies of the jar", async () => {
  const jar = cookies();
  await jar(requestTo(HOST), async () => new Response(null, { headers: { 'set-cookie': 'c=1; Path=/' } }));
  const request = { ...requestTo(HOST), headers: new Headers({ cookie: 'own=2' }) };
  await jar(request, async ({ headers }) => {
    assert.equal(headers.get('cookie'), 'own=2; c=1');
    return new Response();
  });
});
