// Cookies as a table (RFC 6265bis): where a cookie of one answer is sent back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookies } from '../../src/auth/cookies.ts';
import { requestTo } from '../support/request.ts';

const HOST = 'https://www.example.co.uk/a/b';
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
  ['__Secure-c=1; Path=/', 'https://www.example.co.uk/', false],
];

for (const [set, next, isSent] of cases) {
  test(`${set} is ${isSent ? '' : 'not '}sent to ${next}`, async () => {
    const jar = cookies();
    await jar(requestTo(HOST), async () => new Response(null, { headers: { 'set-cookie': set } }));
    let sent: string | null = null;
    await jar(requestTo(next), async ({ headers }) => {
      sent = headers.get('cookie');
      return new Response();
    });
    assert.equal(sent, isSent ? set.split(';')[0] : null);
  });
}

test('a server cannot fill the jar: long cookies are ignored, and the oldest of many goes', async () => {
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

test('a field Cookie of the caller is kept beside those of the jar', async () => {
  const jar = cookies();
  await jar(requestTo(HOST), async () => new Response(null, { headers: { 'set-cookie': 'c=1; Path=/' } }));
  const request = { ...requestTo(HOST), headers: new Headers({ cookie: 'own=2' }) };
  await jar(request, async ({ headers }) => {
    assert.equal(headers.get('cookie'), 'own=2; c=1');
    return new Response();
  });
});
