// The control plane's HTTP application: access, the input of handlers, and the parts of every answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessRequest, Principal } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { json, noContent } from '../../../src/platform/http/answer.ts';
import type { AppDeps, Refusal } from '../../../src/platform/http/app.ts';
import { createApp } from '../../../src/platform/http/app.ts';
import { form, octets } from '../../../src/platform/http/body.ts';
import type { Call, Route } from '../../../src/platform/http/route.ts';
import { actorOf, withDescribedPath } from '../../../src/platform/http/route.ts';
import { ALLOW_NONE, appDeps, DECIDED } from '../../support/app.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { fetchFrom } from '../../support/incoming.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

const alice: Principal = {
  kind: 'user',
  name: 'alice',
  roles: ['admin'],
  scopes: [],
  amr: ['pwd'],
  via: 'bearer',
};
const note = z.strictObject({ title: z.string(), tags: z.array(z.string()).optional() });

function createTestApp(routes: Route[], deps: Partial<AppDeps> = {}) {
  const { log, lines } = createMemoryLog();
  const refusals: Refusal[] = [];
  const app = createApp(routes, {
    ...appDeps(log),
    authenticate: async () => alice,
    refused: async (refusal) => void refusals.push(refusal),
    ...deps,
  });
  const fetch = async (path: string, init?: RequestInit) => {
    const request = new Request(`http://localhost${path}`, init);
    const response = await fetchFrom(app, request, { remoteAddress: '192.0.2.7' });
    const text = await response.text();
    return { response, text, problem: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  return { fetch, refusals, lines };
}

const route = (handle: Route['handle'], more: Partial<Route> = {}): Route => ({
  name: `${more.method ?? 'GET'} ${more.path ?? '/notes'}`,
  summary: 'A route of the test',
  answers: {},
  method: 'GET',
  path: '/notes',
  permission: 'notes:Read',
  handle,
  ...more,
});
const jsonBody = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});

test('gives the handler parameters, query, body, caller and address', async () => {
  let seen: Call | undefined;
  const path = '/notes/:name';
  const handle = (call: Call) => {
    seen = call;
    return json({ query: call.query, body: call.body }, 201);
  };
  const row = {
    method: 'POST',
    path,
    params: z.object({ name: z.string() }),
    query: z.object({ limit: z.coerce.number() }),
    body: note,
  } as const;
  const { fetch } = createTestApp([route(handle, row)]);
  const { response, text } = await fetch('/notes/a%2Fb?limit=3', jsonBody('{"title":"x"}'));
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(text, '{"query":{"limit":3},"body":{"title":"x"}}');
  assert.ok(seen);
  assert.deepEqual(seen.params, { name: 'a/b' });
  assert.equal(seen.principal, alice);
  assert.deepEqual(actorOf(seen), { kind: 'user', name: 'alice', address: '192.0.2.7' });
});

test('every answer has its own request id and nosniff', async () => {
  const { fetch } = createTestApp([route(() => noContent())]);
  const answers = [await fetch('/notes'), await fetch('/notes'), await fetch('/nowhere')];
  const ids = answers.map(({ response }) => response.headers.get('x-request-id'));
  assert.equal(new Set(ids).size, 3);
  for (const { response } of answers) {
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  }
  assert.equal(answers[2]?.problem.request_id, ids[2]);
});

test('an unknown path is 404, a known one with another method 405 with Allow (RFC 9110 §15.5.6)', async () => {
  const { fetch } = createTestApp([
    route(() => noContent()),
    route(() => noContent(), { method: 'POST' }),
    route(() => noContent(), { path: '/notes/:name', method: 'DELETE' }),
  ]);
  const nowhere = await fetch('/nowhere');
  assert.equal(nowhere.response.status, 404);
  assert.equal(nowhere.problem.code, 'not_found');
  assert.equal(nowhere.response.headers.get('content-type'), 'application/problem+json');
  const refused = await fetch('/notes', { method: 'PATCH' });
  assert.equal(refused.response.status, 405);
  assert.equal(refused.problem.code, 'method_not_allowed');
  assert.equal(refused.response.headers.get('allow'), 'GET, HEAD, POST');
  const below = await fetch('/notes/a', { method: 'PUT' });
  assert.equal(below.response.status, 405);
  assert.equal(below.response.headers.get('allow'), 'DELETE');
});

test('a literal path wins over a pattern, except for the methods that only the pattern has', async () => {
  const { fetch } = createTestApp([
    route(({ params }) => json({ params }), { path: '/notes/:name', params: z.object({ name: z.string() }) }),
    route(() => noContent(), { path: '/notes/:name', method: 'DELETE' }),
    route(() => json('all'), { path: '/notes/all' }),
  ]);
  assert.equal((await fetch('/notes/all')).text, '"all"');
  assert.equal((await fetch('/notes/a')).text, '{"params":{"name":"a"}}');
  assert.equal((await fetch('/notes/all', { method: 'DELETE' })).response.status, 204);
  assert.equal((await fetch('/notes/all', { method: 'PUT' })).response.headers.get('allow'), 'GET, HEAD');
});

test('a public route needs no credential', async () => {
  const { fetch } = createTestApp(
    [route((call) => json({ principal: call.principal ?? null }), { permission: 'public' })],
    {
      authenticate: () => Promise.reject(new Error('was asked')),
    },
  );
  assert.equal((await fetch('/notes')).text, '{"principal":null}');
});

test('actorOf refuses a public route', async () => {
  const { fetch } = createTestApp([route((call) => json(actorOf(call)), { permission: 'public' })]);
  assert.equal((await fetch('/notes')).response.status, 401);
});

test('a refusal is recorded before its answer, with caller, request, reason and address', async () => {
  const { fetch, refusals } = createTestApp([route(() => assert.fail('was handled'))], {
    policy: ALLOW_NONE,
  });
  const { response, problem } = await fetch('/notes');
  assert.equal(response.status, 403);
  assert.deepEqual(refusals, [
    {
      principal: alice,
      permission: 'notes:Read',
      code: 'forbidden',
      reason: 'test',
      policies: [],
      claimed: {},
      method: 'GET',
      path: '/notes',
      address: '192.0.2.7',
      requestId: problem.request_id,
    },
  ]);
});

test('answers a refusal that cannot be recorded with 503, and gives no access', async () => {
  const { fetch } = createTestApp([route(() => assert.fail('was handled'))], {
    authenticate: () => Promise.reject(new GatehouseError('credential_invalid', 'Wrong.')),
    refused: () => Promise.reject(new GatehouseError('store_full', 'The disk is full.')),
  });
  const { response, problem } = await fetch('/notes');
  assert.equal(response.status, 503);
  assert.equal(problem.code, 'store_full');
  assert.equal(problem.detail, undefined);
});

test('401 has the challenge (RFC 9110 §11.6.1), and 429 the time to try again (RFC 6585 §4)', async () => {
  const failing = (code: 'unauthenticated' | 'too_many_requests') =>
    createTestApp([
      route(() => {
        throw new GatehouseError(code, 'No.');
      }),
    ]).fetch('/notes');
  const { response } = await failing('unauthenticated');
  assert.equal(response.status, 401);
  assert.equal(response.headers.get('www-authenticate'), 'Bearer');
  assert.match((await failing('too_many_requests')).response.headers.get('retry-after') ?? '', /^\d+$/);
});

test('an unexpected error is a bare 500, and its cause is in the log under the same request id', async () => {
  const { fetch, lines } = createTestApp([
    route(() => {
      throw new TypeError('secret of the inside');
    }),
  ]);
  const { response, text, problem } = await fetch('/notes');
  assert.equal(response.status, 500);
  assert.doesNotMatch(text, /secret|TypeError/);
  assert.equal(lines().length, 1);
  assert.equal(lines()[0]?.requestId, problem.request_id);
  assert.match(JSON.stringify(lines()[0]), /secret of the inside/);
});

test('client errors (4xx) are not logged as errors', async () => {
  const { fetch, lines } = createTestApp([]);
  await fetch('/nowhere');
  assert.deepEqual(lines(), []);
});

const bodies: Record<string, { init: RequestInit; status: number; detail: RegExp }> = {
  'no Content-Type': {
    init: { method: 'POST', body: new Uint8Array([0x7b, 0x7d]) },
    status: 415,
    detail: /application\/json/,
  },
  'another Content-Type': {
    init: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' },
    status: 415,
    detail: /application\/json/,
  },
  'text that is not JSON': { init: jsonBody('{"title"'), status: 400, detail: /not valid JSON/ },
  'no text': { init: jsonBody(''), status: 400, detail: /not valid JSON/ },
  'a missing field': { init: jsonBody('{}'), status: 422, detail: /^title: / },
  'a field of the wrong kind': {
    init: jsonBody('{"title":"x","tags":["a",1]}'),
    status: 422,
    detail: /^tags\.1: /,
  },
  'an unknown field': { init: jsonBody('{"title":"x","admin":true}'), status: 422, detail: /"admin"/ },
  'a member __proto__': {
    init: jsonBody('{"title":"x","__proto__":{"admin":true}}'),
    status: 422,
    detail: /__proto__/,
  },
  'a value that is not an object': { init: jsonBody('[]'), status: 422, detail: /object/ },
  'more than 256 KiB': {
    init: jsonBody(`{"title":"${'x'.repeat(256 * 1024)}"}`),
    status: 413,
    detail: /262144 bytes/,
  },
};

for (const [what, { init, status, detail }] of Object.entries(bodies)) {
  test(`a body with ${what} is ${status}`, async () => {
    const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body: note })]);
    const { response, problem } = await fetch('/notes', init);
    assert.equal(response.status, status);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.match(problem.detail, detail);
  });
}

test('refuses a caller who loses the permission while the body arrives', async () => {
  let acted = 0;
  let asked = 0;
  const handle = () => {
    acted += 1;
    return noContent();
  };
  const policy = { decide: () => ({ ...DECIDED, allowed: ++asked === 1 }) };
  const { fetch, refusals } = createTestApp([route(handle, { method: 'POST', body: note })], { policy });
  const { response } = await fetch('/notes', jsonBody('{"title":"x"}'));
  assert.equal(response.status, 403);
  assert.equal(acted, 0);
  assert.equal(refusals.length, 1);
});

test('the policy evaluates principal, action, resource and context', async () => {
  const asked: AccessRequest[] = [];
  const policy = {
    decide(request: AccessRequest) {
      asked.push(request);
      return { ...DECIDED, allowed: true };
    },
  };
  const path = '/notes/:name';
  const { fetch } = createTestApp(
    [route(() => noContent(), { path, method: 'DELETE', params: z.object({ name: z.string() }) })],
    { policy },
  );
  const { response } = await fetch('/notes/a%20b?c=d', { method: 'DELETE' });
  const context = {
    method: 'DELETE',
    path: '/notes/a b',
    params: new Map([['name', 'a b']]),
    address: '192.0.2.7',
    time: createFakeClock().now(),
    requestId: response.headers.get('x-request-id'),
  };
  const resource = { id: '/notes/a b', attributes: { name: 'a b' } };
  assert.deepEqual(asked, [{ principal: alice, action: 'notes:Read', resource, context }]);
});

test('without a principal, a route that is not public is 401, even if the policy allows it', async () => {
  const { fetch } = createTestApp([route(() => assert.fail('was handled'))], {
    authenticate: async () => undefined,
  });
  assert.equal((await fetch('/notes')).problem.code, 'unauthenticated');
});

test('the reason of a denial is only in the record', async () => {
  const { fetch } = createTestApp([route(() => assert.fail('was handled'))], {
    policy: { decide: () => ({ ...DECIDED, allowed: false, reason: 'the secret rule' }) },
  });
  const { text } = await fetch('/notes');
  assert.doesNotMatch(text, /secret rule/);
});

const octetsOf = (...parts: (string | number[])[]): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
});

test('JSON that is not UTF-8 is 400, because two texts must never become one', async () => {
  const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body: note })]);
  for (const octet of [0x80, 0xe9, 0xff, 0xc0]) {
    const { response, problem } = await fetch('/notes', octetsOf('{"title":"', [octet], '"}'));
    assert.equal(response.status, 400);
    assert.match(problem.detail, /UTF-8/);
  }
});

test('a byte order mark before JSON is ignored (RFC 8259 §8.1)', async () => {
  const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body: note })]);
  assert.equal((await fetch('/notes', octetsOf([0xef, 0xbb, 0xbf], '{"title":"x"}'))).text, '{"title":"x"}');
});

test('the handler gets a form in the types of its schema', async () => {
  const body = form(z.strictObject({ name: z.string(), scope: z.array(z.string()) }), ['scope']);
  const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body })]);
  const send = (body: string | Uint8Array, type = 'application/x-www-form-urlencoded') =>
    fetch('/notes', { method: 'POST', headers: { 'content-type': type }, body: body as BodyInit });
  const good = await send('name=a+b%C3%A9&scope=x&scope=y');
  assert.deepEqual(JSON.parse(good.text), { name: 'a bé', scope: ['x', 'y'] });
  assert.equal((await send('\ufeffname=a')).text, '{"name":"a","scope":[]}');
  assert.equal((await send('name=a', 'application/json')).response.status, 415);
  for (const [what, sent, status, detail] of [
    ['an octet that is not UTF-8', Uint8Array.of(0x6e, 0x3d, 0xff), 400, /UTF-8/],
    ['an escape that is not UTF-8', 'name=%FF', 400, /UTF-8/],
    ['an incomplete escape', 'name=%C3', 400, /UTF-8/],
    ['a percent sign alone', 'name=100%', 400, /percent-encoded/],
    ['a field that comes twice', 'name=a&name=b', 400, /^name: comes more than once/],
    ['an unknown field', 'name=a&admin=1', 422, /"admin"/],
    ['a member __proto__', 'name=a&__proto__=1', 422, /__proto__/],
    ['a missing field', 'scope=x', 422, /^name: is missing/],
  ] as const) {
    const { response, problem } = await send(sent);
    assert.equal(response.status, status, what);
    assert.match(problem.detail, detail, what);
  }
});

test('a query that is not UTF-8 is 400; a plus sign is a space', async () => {
  const query = z.object({ name: z.string() });
  const { fetch } = createTestApp([route((call) => json(call.query), { query })]);
  assert.equal((await fetch('/notes?name=a+b%2B')).text, '{"name":"a b+"}');
  assert.equal((await fetch('/notes?name=%FF')).response.status, 400);
});

test('a query parameter that comes twice is 400, because the server must not guess which one is meant', async () => {
  const query = z.object({ name: z.string() });
  const { fetch } = createTestApp([route((call) => json(call.query), { query })]);
  for (const twice of ['name=a&name=b', 'name=a&name=a', 'name=a&na%6De=b']) {
    assert.equal((await fetch(`/notes?${twice}`)).response.status, 400, twice);
  }
});

test('the handler gets octets unchanged, and only of their media type', async () => {
  const row = { method: 'POST', body: octets('application/x-test', 4) } as const;
  const { fetch } = createTestApp([
    route((call) => json(Buffer.from(call.body as Uint8Array).toString('hex')), row),
  ]);
  const send = (body: number[], type = 'application/x-test; v=1') =>
    fetch('/notes', { method: 'POST', headers: { 'content-type': type }, body: Uint8Array.from(body) });
  assert.equal((await send([0xef, 0xbb, 0xbf, 0xff])).text, '"efbbbfff"');
  assert.equal((await send([1, 2, 3, 4, 5])).response.status, 413);
  assert.equal((await send([1], 'application/json')).response.status, 415);
});

test('a route may have its own error form', async () => {
  const errors = {
    mediaType: 'application/json',
    schema: z.object({ error: z.string() }),
    answer: (error: unknown) => json({ error: (error as GatehouseError).code }, 400),
  };
  const row = { method: 'POST', body: note, errors } as const;
  const { fetch } = createTestApp([route(() => assert.fail('was handled'), row)]);
  const { response, text } = await fetch('/notes', jsonBody('{'));
  assert.deepEqual([response.status, text], [400, '{"error":"bad_request"}']);
  assert.match(response.headers.get('x-request-id') ?? '', /./);
});

test('a path with undescribed parameters is a TypeError', () => {
  const row = { ...route(() => noContent()), path: '/notes/:name' };
  assert.throws(() => withDescribedPath(row), /parameters "name", its schema ""/);
  assert.throws(() => createApp([row, row], appDeps()), /two routes have the name/);
  const again = { ...row, name: 'another' };
  assert.throws(() => createApp([row, again], appDeps()), /two routes have the method and path GET/);
});

test('a body without Content-Length is also refused after 256 KiB, and the rest is not read', async () => {
  const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body: note })]);
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
    },
  });
  const { response } = await fetch('/notes', {
    ...jsonBody(''),
    body: endless,
    duplex: 'half',
  } as RequestInit);
  assert.equal(response.status, 413);
  assert.ok(pulled < 10, `${pulled} chunks were read`);
});

test('a character that is split between chunks arrives complete', async () => {
  const { fetch } = createTestApp([route((call) => json(call.body), { method: 'POST', body: note })]);
  const bytes = new TextEncoder().encode('{"title":"é"}');
  const chunks = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const { text } = await fetch('/notes', { ...jsonBody(''), body: chunks, duplex: 'half' } as RequestInit);
  assert.equal(text, '{"title":"é"}');
});

test('refuses a person whose sign-in is too weak or too old, with a challenge (RFC 9470) and a record', async () => {
  const requirement: AppDeps['requirement'] = (permission) =>
    permission === 'notes:Read' ? { level: 'mfa' } : undefined;
  const routes = [
    route(() => noContent(), { answers: { 204: null } }),
    route(() => noContent(), { path: '/recent', permission: 'notes:Write', require: { maxAgeSeconds: 60 } }),
    route(() => noContent(), { path: '/any', permission: 'notes:Write' }),
  ];
  const { fetch, refusals } = createTestApp(routes, { requirement });
  const weak = await fetch('/notes');
  assert.equal(weak.response.status, 401);
  const challenge = 'Bearer realm="gatehouse", error="insufficient_user_authentication"';
  assert.equal(weak.response.headers.get('www-authenticate'), `${challenge}, acr_values="mfa"`);
  assert.equal(refusals[0]?.code, 'insufficient_user_authentication');
  const old = await fetch('/recent');
  assert.equal(old.response.headers.get('www-authenticate'), `${challenge}, max_age="60"`);
  assert.equal((await fetch('/any')).response.status, 204);
});

test('services and the operator of the socket need no second factor', async () => {
  for (const kind of ['service', 'operator'] as const) {
    const authenticate = async () => ({ ...alice, kind });
    const { fetch } = createTestApp([route(() => noContent(), { require: { level: 'mfa' } })], {
      authenticate,
    });
    assert.equal((await fetch('/notes')).response.status, 204);
  }
});

test('429 says when to try again, if that is known', async () => {
  const limited = route(() => {
    throw new GatehouseError('too_many_requests', 'Wait.', { retryAfterSeconds: 77 });
  });
  const { response } = await createTestApp([limited]).fetch('/notes');
  assert.equal(response.headers.get('retry-after'), '77');
});

test('a JSON body with a member that comes twice is 400 (RFC 8259 §4)', async () => {
  const { fetch } = createTestApp([route(() => noContent(), { method: 'POST', body: note })]);
  const { response, problem } = await fetch('/notes', jsonBody('{"title":"a","title":"b"}'));
  assert.deepEqual([response.status, problem.detail], [400, 'title: comes more than once; send it once.']);
});
