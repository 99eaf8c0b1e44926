// The private cache as a table of cases (RFC 9111, RFC 5861): a server, a clock that the test sets, and the
// expected result of each request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { cache } from '../../src/cache/cache.ts';
import { memoryStore } from '../../src/cache/store.ts';
import { apiKey, bearer, client, cookies, type HttpClient, type Middleware } from '../../src/index.ts';

interface Planned {
  status?: number;
  fields?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** The connection breaks instead. */
  breaks?: boolean;
}

let plan: Planned[] = [];
let seen: IncomingMessage[] = [];
const server = createServer((request, response) => {
  seen.push(request);
  const { status = 200, fields = {}, body = `answer ${seen.length}`, breaks } = plan.shift() ?? {};
  if (breaks) return void response.destroy();
  const date = new Date(clock).toUTCString();
  response.writeHead(status, { date, 'content-length': Buffer.byteLength(body), ...fields });
  response.end(status === 304 || status === 204 ? undefined : body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.close();
  server.closeAllConnections();
});

let clock = Date.parse('2030-01-01T00:00:00Z');
beforeEach(() => {
  plan = [];
  seen = [];
});

function caching(options = {}): Middleware {
  return cache(options, { date: () => clock, now: () => performance.now() });
}

function open(t: TestContext, ...steps: Middleware[]): HttpClient {
  const opened = client().with(...steps);
  t.after(() => opened.close());
  return opened;
}

interface Step {
  /** Seconds before this request. */
  later?: number;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  /** The result: the text, or the status if it is not 200. */
  gives: string | number;
  /** The conditional request that the server got, if it got one. */
  sends?: Record<string, string | undefined>;
  /** Whether the server got a request. Default: whether `plan` shrinks. */
  asks: boolean;
}

interface Case {
  title: string;
  plan: Planned[];
  steps: Step[];
}

const fresh = { 'cache-control': 'max-age=60' };
const first = { gives: 'answer 1', asks: true };
const again = { gives: 'answer 1', asks: false };
const anew = { gives: 'answer 2', asks: true };
const control = (value: string, more = {}): Planned => ({ fields: { 'cache-control': value, ...more } });
const request = (value: string) => ({ headers: { 'cache-control': value } });
const date = (seconds: number) => new Date(clock + seconds * 1000).toUTCString();

const cases: Case[] = [
  {
    title: 'max-age makes it fresh (§5.2.2.1)',
    plan: [control('max-age=60')],
    steps: [first, { ...again, later: 59 }],
  },
  {
    title: 'after max-age it is stale',
    plan: [control('max-age=60')],
    steps: [first, { ...anew, later: 60 }],
  },
  {
    title: 'Expires makes it fresh without max-age (§5.3)',
    plan: [{ fields: { expires: date(60) } }],
    steps: [first, { ...again, later: 59 }, { ...anew, later: 2 }],
  },
  {
    title: 'max-age takes precedence over Expires',
    plan: [control('max-age=10', { expires: date(60) })],
    steps: [first, { ...anew, later: 11 }],
  },
  {
    title: 'an Expires that is not a date is in the past',
    plan: [{ fields: { expires: '0', etag: '"1"' } }],
    steps: [first, anew],
  },
  {
    title: 's-maxage is not for a private cache (§5.2.2.10)',
    plan: [control('s-maxage=60')],
    steps: [first, anew],
  },
  {
    title: 's-maxage does not shorten max-age',
    plan: [control('max-age=60, s-maxage=0')],
    steps: [first, { ...again, later: 30 }],
  },
  {
    title: 'private is for this cache (§5.2.2.7)',
    plan: [control('private, max-age=60')],
    steps: [first, again],
  },
  {
    title: 'no-store stores nothing (§5.2.2.5)',
    plan: [control('no-store, max-age=60')],
    steps: [first, anew],
  },
  {
    title: 'names of directives have any case (§5.2)',
    plan: [control('No-Store, Max-Age=60')],
    steps: [first, anew],
  },
  {
    title: 'a comma in quotes does not separate directives',
    plan: [control('private="a, no-store", max-age=60')],
    steps: [first, again],
  },
  {
    title: 'max-age that is not a number is 0 (§4.2.1)',
    plan: [control('max-age=6x')],
    steps: [first, anew],
  },
  {
    title: 'max-age that is given twice is 0 (§4.2.1)',
    plan: [control('max-age=60, max-age=90')],
    steps: [first, anew],
  },
  { title: 'max-age in quotes counts', plan: [control('max-age="60"')], steps: [first, again] },
  {
    title: 'Last-Modified does not make it fresh (§4.2.2)',
    plan: [{ fields: { 'last-modified': date(-86_400) } }],
    steps: [first, anew],
  },
  {
    title: 'Age counts (§5.1)',
    plan: [control('max-age=60', { age: '50' })],
    steps: [first, { ...again, later: 9 }, { ...anew, later: 2 }],
  },
  {
    title: 'a Date in the past makes it older (§4.2.3)',
    plan: [control('max-age=60', { date: date(-50) })],
    steps: [first, { ...again, later: 9 }, { ...anew, later: 2 }],
  },
  {
    title: 'no-cache is validated each time, also if it is fresh (§5.2.2.4)',
    plan: [control('no-cache, max-age=60', { etag: '"a"' }), { status: 304 }],
    steps: [first, { gives: 'answer 1', asks: true, sends: { 'if-none-match': '"a"' } }],
  },
  {
    title: 'a 304 makes it fresh again, with new fields (§4.3.4)',
    plan: [
      control('max-age=10', { etag: '"a"', 'last-modified': date(-100) }),
      { status: 304, fields: { 'cache-control': 'max-age=100', 'x-new': '1' } },
    ],
    steps: [
      first,
      {
        later: 11,
        gives: 'answer 1',
        asks: true,
        sends: { 'if-none-match': '"a"', 'if-modified-since': date(-100) },
      },
      { ...again, later: 99 },
    ],
  },
  {
    title: 'a 200 to the validation replaces it (§4.3.3)',
    plan: [control('max-age=10', { etag: '"a"' }), control('max-age=10', { etag: '"b"' })],
    steps: [first, { ...anew, later: 11 }, { gives: 'answer 2', asks: false }],
  },
  {
    title: 'the caller gets a 500 to the validation',
    plan: [control('max-age=10', { etag: '"a"' }), { status: 500 }],
    steps: [first, { later: 11, gives: 500, asks: true }],
  },
  {
    title: 'stale-if-error replaces a 500 (RFC 5861 §4)',
    plan: [control('max-age=10, stale-if-error=100', { etag: '"a"' }), { status: 503 }, { status: 503 }],
    steps: [first, { later: 50, gives: 'answer 1', asks: true }, { later: 100, gives: 503, asks: true }],
  },
  {
    title: 'stale-if-error replaces a broken connection',
    plan: [control('max-age=10, stale-if-error=100'), { breaks: true }],
    steps: [first, { later: 50, gives: 'answer 1', asks: true }],
  },
  {
    title: 'must-revalidate forbids that (§5.2.2.2)',
    plan: [control('max-age=10, stale-if-error=100, must-revalidate', { etag: '"a"' }), { status: 503 }],
    steps: [first, { later: 50, gives: 503, asks: true }],
  },
  {
    title: 'must-revalidate allows a fresh answer',
    plan: [control('max-age=60, must-revalidate')],
    steps: [first, again],
  },
  {
    title: 'Vary: another value is another answer (§4.1)',
    plan: [
      control('max-age=60', { vary: 'Accept-Language' }),
      control('max-age=60', { vary: 'accept-language' }),
    ],
    steps: [
      { ...first, headers: { 'accept-language': 'de' } },
      { ...anew, headers: { 'accept-language': 'en' } },
      { gives: 'answer 1', asks: false, headers: { 'accept-language': 'de' } },
      { gives: 'answer 2', asks: false, headers: { 'accept-language': 'en' } },
    ],
  },
  {
    title: 'Vary: * is never used again',
    plan: [control('max-age=60', { vary: '*' })],
    steps: [first, anew],
  },
  {
    title: 'a request without the field does not match one with it',
    plan: [control('max-age=60', { vary: 'x-a' })],
    steps: [first, { ...anew, headers: { 'x-a': '1' } }],
  },
  {
    title: 'no-store of the request (§5.2.1.5)',
    plan: [control('max-age=60')],
    steps: [{ ...first, ...request('no-store') }, anew],
  },
  {
    title: 'no-cache of the request validates (§5.2.1.4)',
    plan: [control('max-age=60', { etag: '"a"' }), { status: 304 }],
    steps: [
      first,
      { gives: 'answer 1', asks: true, ...request('no-cache'), sends: { 'if-none-match': '"a"' } },
    ],
  },
  {
    title: 'Pragma: no-cache does too (§5.4)',
    plan: [control('max-age=60')],
    steps: [first, { ...anew, headers: { pragma: 'no-cache' } }],
  },
  {
    title: 'max-age of the request (§5.2.1.1)',
    plan: [control('max-age=60')],
    steps: [
      first,
      { ...again, later: 20, ...request('max-age=20') },
      { ...anew, later: 1, ...request('max-age=20') },
    ],
  },
  {
    title: 'min-fresh of the request (§5.2.1.3)',
    plan: [control('max-age=60')],
    steps: [
      first,
      { ...again, later: 20, ...request('min-fresh=30') },
      { ...anew, ...request('min-fresh=41') },
    ],
  },
  {
    title: 'max-stale of the request (§5.2.1.2)',
    plan: [control('max-age=60')],
    steps: [
      first,
      { ...again, later: 70, ...request('max-stale=20') },
      { ...again, ...request('max-stale') },
      { ...anew, later: 20, ...request('max-stale=20') },
    ],
  },
  {
    title: 'only-if-cached asks no server (§5.2.1.7)',
    plan: [control('max-age=60')],
    steps: [
      { gives: 504, asks: false, ...request('only-if-cached') },
      first,
      { ...again, ...request('only-if-cached') },
      { gives: 504, asks: false, later: 61, ...request('only-if-cached') },
    ],
  },
  {
    title: "the caller's own condition goes to the server (§4.3.2)",
    plan: [control('max-age=60', { etag: '"a"' }), { status: 304 }],
    steps: [first, { gives: 304, asks: true, headers: { 'if-none-match': '"a"' } }, again],
  },
  {
    title: 'a range is not answered from the cache',
    plan: [control('max-age=60')],
    steps: [first, { ...anew, headers: { range: 'bytes=0-1' } }],
  },
  {
    title: 'a 404 is stored (RFC 9110 §15.1)',
    plan: [{ status: 404, fields: fresh }],
    steps: [
      { gives: 404, asks: true },
      { gives: 404, asks: false },
    ],
  },
  {
    title: 'a 500 is not',
    plan: [{ status: 500, fields: fresh }],
    steps: [{ gives: 500, asks: true }, anew],
  },
  {
    title: 'a 206 is not',
    plan: [{ status: 206, fields: fresh }],
    steps: [{ gives: 206, asks: true }, anew],
  },
  {
    title: 'other paths and queries are other answers',
    plan: [control('max-age=60')],
    steps: [first, { ...anew, path: '/?a=1' }],
  },
  ...['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => ({
    title: `${method} makes it invalid (§4.4)`,
    plan: [control('max-age=60')],
    steps: [first, { method, gives: 'answer 2', asks: true }, { gives: 'answer 3', asks: true }],
  })),
  {
    title: 'an unsafe request that fails does not',
    plan: [control('max-age=60'), { status: 403 }],
    steps: [first, { method: 'POST', gives: 403, asks: true }, again],
  },
  {
    title: 'an unsafe request invalidates the answer at its Location',
    plan: [control('max-age=60'), { status: 201, fields: { location: '/' } }],
    steps: [
      first,
      { method: 'POST', path: '/all', gives: 201, asks: true },
      { gives: 'answer 3', asks: true },
    ],
  },
  {
    title: 'but not at another origin',
    plan: [control('max-age=60'), { status: 201, fields: { location: 'http://localhost:1/' } }],
    steps: [first, { method: 'POST', path: '/all', gives: 201, asks: true }, again],
  },
  ...[
    ['is the old form of RFC 850', 'Sunday, 01-Jan-40 00:00:00 GMT', true],
    ['is that of asctime', 'Fri Jan  1 00:00:00 2099', true],
    ['has other capitals', 'thu, 01 JAN 2099 00:00:00 gmt', true],
    ['has an hour of one digit', 'Thu, 01 Jan 2099 0:00:00 GMT', false],
    ['has dashes', 'Thu, 01-Jan-2099 00:00:00 GMT', false],
    ['has two spaces', 'Thu,  01 Jan 2099 00:00:00 GMT', false],
    ['has no comma', 'Thu 01 Jan 2099 00:00:00 GMT', false],
    ['is of another zone', 'Thu, 01 Jan 2099 00:00:00 UTC', false],
    ['is that of ISO 8601', '2099-01-01T00:00:00Z', false],
    ['does not exist', 'Thu, 31 Feb 2099 00:00:00 GMT', false],
    ['is a number', '4070908800', false],
  ].map(([what, expires, isFresh]) => ({
    title: `an Expires that ${what} ${isFresh ? 'counts' : 'is in the past'} (RFC 9110 §5.6.7)`,
    plan: [{ fields: { expires: String(expires) } }],
    steps: [first, isFresh ? again : anew],
  })),
  ...[
    ['7200, 0', false],
    ['0, 7200', true],
    ['x', true],
    ['-7200', true],
    ['7200.5', true],
    ['99999999999999999999', false],
  ].map(([age, isFresh]) => ({
    title: `Age: ${age} ${isFresh ? 'adds nothing' : 'makes it old'} (§5.1)`,
    plan: [control('max-age=3600', { age: String(age) })],
    steps: [first, isFresh ? again : anew],
  })),
  ...[
    ['max-age=-1', false],
    ['max-age=1.5', false],
    ['max-age', false],
    ['max-age=', false],
    ['max-age=0060', true],
    ['max-age=99999999999', true],
    ['max-age =60', false],
    ['max-age= 60', false],
    ["max-age='60'", false],
    ['foo=bar, max-age=60', true],
    ['foo="max-age=0", max-age=60', true],
    ['foo="a\\", no-store", max-age=60', true],
    ['max-age=60, , immutable', true],
    ['public, max-age=60', true],
    ['max-age=60, no-cache="set-cookie"', false],
    ['max-age=60, private="set-cookie"', true],
    ['max-age=60, no-store, must-understand', false],
    ['s-maxage=60, max-age=0', false],
    ['max-age=60, proxy-revalidate', true],
    ['immutable', false],
    ['stale-while-revalidate=60', false],
    ['NO-CACHE, max-age=60', false],
    ['no-cache=foo, max-age=60', false],
    ['x-no-store, max-age=60', true],
  ].map(([value, isFresh]) => ({
    title: `Cache-Control: ${value} is ${isFresh ? 'fresh' : 'asked for again'} (§5.2)`,
    plan: [control(String(value))],
    steps: [first, isFresh ? again : anew],
  })),
  {
    title: 'Cache-Control in two lines is one list (RFC 9110 §5.3)',
    plan: [{ fields: { 'cache-control': ['max-age=60', 'no-store'] } }],
    steps: [first, anew],
  },
  {
    title: 'a field for other caches is ignored (RFC 9213)',
    plan: [{ fields: { 'cdn-cache-control': 'max-age=60', 'surrogate-control': 'max-age=60' } }],
    steps: [first, anew],
  },
  {
    title: 'Pragma in an answer does not count (§5.4)',
    plan: [control('max-age=60', { pragma: 'no-cache' })],
    steps: [first, again],
  },
  {
    title: 'Cache-Control of the request counts more than its Pragma (§5.4)',
    plan: [control('max-age=60')],
    steps: [first, { ...again, headers: { pragma: 'no-cache', 'cache-control': 'max-age=60' } }],
  },
  {
    title: 'a Date in the future makes it no fresher (§4.2.3)',
    plan: [control('max-age=60', { date: date(1000) })],
    steps: [first, { ...again, later: 59 }, { ...anew, later: 2 }],
  },
  {
    title: 'Expires counts from Date, not from the clock here (§4.2.1)',
    plan: [{ fields: { date: date(-1000), expires: date(-940) } }],
    steps: [first, anew],
  },
  {
    title: 'Vary with several fields needs all of them (§4.1)',
    plan: [control('max-age=60', { vary: 'x-a, X-B' })],
    steps: [
      { ...first, headers: { 'x-a': '1', 'x-b': '2' } },
      { ...again, headers: { 'x-a': '1', 'x-b': '2', 'x-c': '3' } },
      { ...anew, headers: { 'x-a': '1', 'x-b': '3' } },
    ],
  },
  {
    title: 'Vary in two lines is one list',
    plan: [{ fields: { ...fresh, vary: ['x-a', 'x-b'] } }],
    steps: [
      { ...first, headers: { 'x-a': '1' } },
      { ...anew, headers: { 'x-a': '1', 'x-b': '1' } },
    ],
  },
  {
    title: '* within Vary is never used again',
    plan: [control('max-age=60', { vary: 'x-a, *' })],
    steps: [first, anew],
  },
  {
    title: 'an answer without Vary does not replace answers with it',
    plan: [control('max-age=60', { vary: 'x-a' }), control('max-age=60', { vary: 'x-a' })],
    steps: [
      { ...first, headers: { 'x-a': '1' } },
      { ...anew, headers: { 'x-a': '2' } },
      { ...again, headers: { 'x-a': '1' } },
    ],
  },
  {
    title: 'only Last-Modified validates with If-Modified-Since (§4.3.1)',
    plan: [control('no-cache', { 'last-modified': date(-100) }), { status: 304 }],
    steps: [
      first,
      {
        gives: 'answer 1',
        asks: true,
        sends: { 'if-none-match': undefined, 'if-modified-since': date(-100) },
      },
    ],
  },
  {
    title: 'a weak ETag validates too (§4.3.2)',
    plan: [control('no-cache', { etag: 'W/"a"' }), { status: 304 }],
    steps: [first, { gives: 'answer 1', asks: true, sends: { 'if-none-match': 'W/"a"' } }],
  },
  {
    title: 'a 304 with another Age and Date counts from there (§4.3.4)',
    plan: [control('max-age=10', { etag: '"a"', age: '9' }), { status: 304, fields: fresh }],
    steps: [
      first,
      { later: 2, gives: 'answer 1', asks: true },
      { ...again, later: 59 },
      { later: 2, gives: 'answer 3', asks: true },
    ],
  },
  {
    title: 'a 304 can end the storing of an answer',
    plan: [
      control('max-age=10', { etag: '"a"' }),
      { status: 304, fields: { 'cache-control': 'no-cache' } },
      {},
    ],
    steps: [first, { later: 11, gives: 'answer 1', asks: true }, { gives: 'answer 3', asks: true }],
  },
  {
    title: 'a 304 changes nothing that belongs to the content (§3.2)',
    plan: [
      control('no-cache', { etag: '"a"' }),
      { status: 304, fields: { 'content-encoding': 'gzip', 'content-length': '999' } },
    ],
    steps: [first, { gives: 'answer 1', asks: true }],
  },
  {
    title: 'an error to the validation leaves the stored answer',
    plan: [control('max-age=10', { etag: '"a"' }), { status: 404 }, { status: 304 }],
    steps: [first, { later: 11, gives: 404, asks: true }, { gives: 'answer 1', asks: true }],
  },
  {
    title: 'stale-if-error of the request (RFC 5861 §4)',
    plan: [control('max-age=10'), { status: 500 }],
    steps: [first, { later: 20, gives: 'answer 1', asks: true, ...request('stale-if-error=60') }],
  },
  {
    title: 'must-revalidate counts more than max-stale of the request (§5.2.2.2)',
    plan: [control('max-age=10, must-revalidate')],
    steps: [first, { ...anew, later: 11, ...request('max-stale') }],
  },
  {
    title: 'no-cache counts more than max-stale of the request',
    plan: [control('no-cache, max-age=10')],
    steps: [first, { ...anew, ...request('max-stale') }],
  },
  {
    title: 'max-age=0 of the request validates',
    plan: [control('max-age=60', { etag: '"a"' }), { status: 304 }],
    steps: [
      first,
      { later: 1, gives: 'answer 1', asks: true, ...request('max-age=0'), sends: { 'if-none-match': '"a"' } },
    ],
  },
  ...[203, 204, 404, 405, 410, 414, 501].map((status) => ({
    title: `a ${status} is stored (RFC 9110 §15.1)`,
    plan: [{ status, fields: fresh }],
    steps: [
      { gives: status, asks: true },
      { gives: status, asks: false },
    ],
  })),
  ...[201, 202, 400, 401, 403, 416, 429, 500, 502, 503, 504, 599].map((status) => ({
    title: `a ${status} is not`,
    plan: [{ status, fields: fresh }],
    steps: [{ gives: status, asks: true }, anew],
  })),
  ...['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range', 'range'].map(
    (name) => ({
      title: `a request with the caller's ${name} is not answered from the cache`,
      plan: [control('max-age=60')],
      steps: [first, { ...anew, headers: { [name]: name.endsWith('since') ? date(-1) : '"a"' } }],
    }),
  ),
  ...['GET', 'OPTIONS', 'HEAD'].map((method) => ({
    title: `${method} invalidates nothing (RFC 9110 §9.2.1)`,
    plan: [control('max-age=60')],
    steps: [
      first,
      { method, path: '/?other', gives: method === 'HEAD' ? '' : 'answer 2', asks: true },
      again,
    ],
  })),
  {
    title: 'an unknown method makes it invalid (§4.4)',
    plan: [control('max-age=60')],
    steps: [first, { method: 'MOVE', gives: 'answer 2', asks: true }, { gives: 'answer 3', asks: true }],
  },
  {
    title: 'an unsafe request invalidates the answer at its Content-Location (§4.4)',
    plan: [control('max-age=60'), { status: 200, fields: { 'content-location': '/' } }],
    steps: [
      first,
      { method: 'PUT', path: '/all', gives: 'answer 2', asks: true },
      { gives: 'answer 3', asks: true },
    ],
  },
  {
    title: 'a redirect after an unsafe request makes it invalid too (§4.4)',
    plan: [control('max-age=60'), { status: 303, fields: { location: '/other' } }],
    steps: [first, { method: 'POST', gives: 'answer 3', asks: true }, { gives: 'answer 4', asks: true }],
  },
  {
    title: 'a URL with a fragment has the same answer',
    plan: [control('max-age=60')],
    steps: [
      { ...first, path: '/#a' },
      { ...again, path: '/#b' },
    ],
  },
  {
    title: 'the answer to a POST is not stored',
    plan: [control('max-age=60'), {}],
    steps: [{ method: 'POST', gives: 'answer 1', asks: true }, anew],
  },
  {
    title: 'HEAD goes to the server',
    plan: [control('max-age=60')],
    steps: [first, { method: 'HEAD', gives: '', asks: true }],
  },
];

async function play(http: HttpClient, step: Step): Promise<void> {
  clock += (step.later ?? 0) * 1000;
  const before = seen.length;
  const { path = '/', method = 'GET', headers = {} } = step;
  const response = await http.request(site + path, { method, headers });
  const text = await response.text();
  assert.equal(typeof step.gives === 'number' ? response.status : text, step.gives);
  assert.equal(seen.length > before, step.asks);
  for (const [name, value] of Object.entries(step.sends ?? {}))
    assert.equal(seen.at(-1)?.headers[name], value);
}

describe('the private cache', () => {
  for (const { title, plan: planned, steps } of cases) {
    test(title, async (t) => {
      const http = open(t, caching());
      const began = clock;
      plan = structuredClone(planned);
      for (const step of steps) await play(http, step);
      clock = began;
    });
  }

  test('an answer from the cache has its age and its fields, and is decoded', async (t) => {
    const { gzipSync } = await import('node:zlib');
    plan = [
      { ...control('max-age=60', { 'content-encoding': 'gzip', 'x-own': '1' }), body: gzipSync('packed') },
    ];
    const http = open(t, caching());
    await http.get(site).text();
    clock += 7000;
    const response = await http.get(site);
    assert.equal(await response.text(), 'packed');
    assert.deepEqual(
      [response.headers.get('age'), response.headers.get('x-own'), seen.length],
      ['7', '1', 1],
    );
  });

  test('stale-while-revalidate answers at once, and asks meanwhile (RFC 5861 §3)', async (t) => {
    plan = [control('max-age=10, stale-while-revalidate=60'), control('max-age=10')];
    const http = open(t, caching());
    assert.equal(await http.get(site).text(), 'answer 1');
    clock += 20_000;
    assert.equal(await http.get(site).text(), 'answer 1');
    while (seen.length < 2) await once(server, 'request');
    let text = '';
    while (text !== 'answer 2') {
      await setImmediate(); // answers from memory give the network no time to work
      text = await http.get(site).text();
    }
    assert.equal(seen.length, 2);
  });

  test('requests at the same time share one answer that can be stored', async (t) => {
    plan = [control('max-age=60')];
    const http = open(t, caching());
    const texts = await Promise.all(Array.from({ length: 20 }, () => http.get(site).text()));
    assert.deepEqual(new Set(texts), new Set(['answer 1']));
    assert.equal(seen.length, 1);
  });

  test('and each gets its own if it cannot', async (t) => {
    plan = Array.from({ length: 5 }, () => control('no-store'));
    const http = open(t, caching());
    const texts = await Promise.all(Array.from({ length: 5 }, () => http.get(site).text()));
    assert.equal(new Set(texts).size, 5);
  });

  test('no request waits for a large answer whose reader does not read', async (t) => {
    plan = [{ ...control('max-age=60'), body: Buffer.alloc(3_000_000) }];
    const http = open(t, caching());
    const [unread, other] = await Promise.all([http.get(site), http.get(site)]);
    await other.bytes();
    await unread.bytes();
    assert.equal(seen.length, 2);
  });

  test('incomplete content is not stored', async (t) => {
    const http = open(t, caching());
    plan = [{ fields: { ...fresh, 'content-length': '100' }, body: 'short' }];
    const reading = http.get(site).text();
    const refused = assert.rejects(reading);
    while (seen.length === 0) await setImmediate();
    server.closeAllConnections();
    await refused;
    assert.equal(await http.get(site).text(), 'answer 2');
  });

  test('a redirect is followed and not stored', async (t) => {
    plan = [{ status: 302, fields: { location: '/there', ...fresh } }, control('max-age=60')];
    const http = open(t, caching());
    await http.get(site).text();
    await http.get(site).text();
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/', '/there', '/'],
    );
  });

  test('the size of each answer and of all together is limited, and the least recently used is removed first', async (t) => {
    const body = Buffer.alloc(1000);
    plan = Array.from({ length: 9 }, () => ({ fields: fresh, body }));
    const http = open(t, caching({ maxBytes: 3000, maxEntryBytes: 1500 }));
    for (const path of ['/a', '/b', '/a', '/c', '/a', '/b']) await http.get(site + path).bytes();
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/a', '/b', '/c', '/b'],
    );
    plan = [{ fields: fresh, body: Buffer.alloc(1501) }];
    for (let count = 0; count < 2; count += 1) await http.get(`${site}/large`).bytes();
    assert.equal(seen.length, 6);
  });
});

describe('the cache and credentials', () => {
  test('clients with different credentials have different answers, also with the same cache', async (t) => {
    const shared = caching();
    const base = client().with(shared);
    t.after(() => base.close());
    plan = Array.from({ length: 3 }, () => control('max-age=60'));
    const texts = [];
    for (const http of [base, base.with(bearer('a')), base.with(apiKey('b'))])
      texts.push(await http.get(site).text());
    assert.deepEqual(texts, ['answer 1', 'answer 2', 'answer 3']);
  });

  test('answers to different credentials of the caller are separate', async (t) => {
    const http = open(t, caching());
    plan = Array.from({ length: 3 }, () => control('max-age=60'));
    const get = (token: string) => http.get(site, { headers: { authorization: token } }).text();
    assert.deepEqual([await get('a'), await get('b'), await get('a')], ['answer 1', 'answer 2', 'answer 1']);
    assert.equal(await http.get(site).text(), 'answer 3');
  });

  test('an answer that varies by a field that the client adds later is not stored', async (t) => {
    plan = [
      { fields: { 'set-cookie': 'a=1' } },
      ...Array.from({ length: 2 }, () => control('max-age=60', { vary: 'Cookie' })),
    ];
    const http = open(t, caching(), cookies());
    for (const _ of [1, 2, 3]) await http.get(site).text();
    assert.equal(seen.length, 3);
  });

  test('a store belongs to one user', async (t) => {
    const one = caching({ store: memoryStore() });
    plan = [control('max-age=60')];
    await open(t, one).get(site).text();
    await assert.rejects(open(t, bearer('b'), one).get(site).text(), TypeError);
  });

  test('a store never gets the credentials', async (t) => {
    const store = memoryStore();
    const written: string[] = [];
    const watched = {
      ...store,
      write: (key: string, answers: unknown) => void written.push(key + JSON.stringify(answers)),
    };
    plan = [control('max-age=60', { vary: 'authorization' })];
    await open(t, caching({ store: watched }))
      .get(site, { headers: { authorization: 'secret-1' } })
      .text();
    assert.equal(written.length, 1);
    assert.doesNotMatch(written[0] ?? '', /secret-1/);
  });
});
