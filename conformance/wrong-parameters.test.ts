// Every operation of the OpenAPI document, every page and every endpoint of OAuth, with parameters that are
// wrong, missing, huge or repeated. The answer is a client error, in the form of its standard (RFC 9457, RFC
// 6749 §5.2) or on a page.
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import type { z } from 'zod';
import type { BodySpec } from '../packages/server/src/platform/http/body.ts';
import { mediaTypeOf } from '../packages/server/src/platform/http/body.ts';
import type { Route } from '../packages/server/src/platform/http/route.ts';
import { createCookieJar } from './support/cookie-jar.ts';
import { ask } from './support/https-client.ts';
import { routesOf } from './support/route-table.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const PARAMETER_LIST: string = 'oidc-provider/lib/consts/param_list.js';
const { default: authorizationParameters } = (await import(PARAMETER_LIST)) as { default: string[] };
const SET = ['oauth.registration=true'];
const server = await startServer({ upstream: upstream.origin, set: SET });
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const tlsAgent = new TlsAgent({ keepAlive: true, maxSockets: 8 });
after(() => {
  agent.destroy();
  tlsAgent.destroy();
  return Promise.all([server.stop(), upstream.close()]);
});

interface Operation {
  requestBody?: { content: Record<string, unknown> };
}

interface Try {
  method: string;
  path: string;
  type?: string;
  body?: string;
}

const listener = { port: server.controlPort, ca: server.ca, agent: tlsAgent };
const { paths } = (await ask({ ...listener, path: '/api/openapi.json' })).json();
const operations = Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      type: Object.keys(operation.requestBody?.content ?? {})[0],
    })),
);

const HUGE = 'x'.repeat(3000);
const NAMES = ['%00', '%ff', '..%2f', '__proto__', HUGE, '%F0%9F%98%80', '%25', '-1'];
const QUERIES = ['x=1', 'limit=-1', 'limit=1&limit=2', 'after=%00', 'type=%ff', `__proto__=1&page[]=${HUGE}`];
const BODIES = [
  '',
  'null',
  '[]',
  '"text"',
  '{}',
  '{"name":null,"roles":1,"password":{},"certificate":[],"disabled":"yes"}',
  '{"name":"\\ud800"}',
  '{"name":"a","name":"b"}',
  '{"a":'.repeat(2000),
  `{"name":"${HUGE.repeat(30)}"}`,
  'name=a&name=b',
  '%ff=%00',
];

/** Calls as the local operator, who may do everything. */
function send({ method, path, type, body }: Try): Promise<[status: number, type: string, text: string]> {
  const headers = type === undefined ? {} : { 'content-type': type };
  const where = { socketPath: socketPath(), method, path, headers, agent };
  return new Promise((resolve, reject) => {
    const outgoing = request(where, async (answer) => {
      resolve([answer.statusCode ?? 0, typeOf(answer.headers), await text(answer)]);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const socketPath = () => `${server.data}/control.sock`;
const typeOf = (headers: IncomingHttpHeaders) => String(headers['content-type']);

function* triesOf({ method, path, type }: (typeof operations)[number]): Generator<Try> {
  const named = path.replaceAll(/\{\w+\}/g, 'unknown');
  const content = type === undefined ? {} : { type, body: '{}' };
  if (named !== path) {
    for (const name of NAMES) yield { method, path: path.replaceAll(/\{\w+\}/g, name), ...content };
  }
  if (method === 'GET') for (const query of QUERIES) yield { method, path: `${named}?${query}` };
  if (type === undefined) return;
  for (const body of BODIES) yield { method, path: named, type, body };
  for (const other of ['text/plain', 'application/json; charset=utf-16']) {
    yield { method, path: named, type: other, body: '{}' };
  }
}

it('no operation answers with 5xx, and each refusal is JSON', async () => {
  assert.ok(operations.length > 100, `${operations.length} operations`);
  const failed: string[] = [];
  const tries = operations.flatMap((operation) => [...triesOf(operation)]);
  await eachOf(tries, async (attempt) => {
    const [status, type, body] = await send(attempt);
    if (status < 400) return;
    if (status < 500 && (type.includes('json') || body === '')) return;
    failed.push(
      `${attempt.method} ${attempt.path.slice(0, 100)} ${attempt.body?.slice(0, 30)}: ${status} ${type}`,
    );
  });
  assert.deepEqual(failed, []);
});

/** The parameters that oidc-provider reads. The first list is its own, for authorization requests. */
const OAUTH = [
  ...authorizationParameters,
  ...['claims', 'resource', 'id_token_hint', 'post_logout_redirect_uri', 'logout_hint', 'xsrf', 'logout'],
  ...['user_code', 'confirm', 'abort', 'grant_type', 'code', 'code_verifier', 'refresh_token', 'audience'],
  ...['client_secret', 'client_assertion', 'client_assertion_type', 'token', 'token_type_hint'],
  ...['device_code', 'subject_token', 'subject_token_type', 'requested_token_type', 'actor_token'],
];
const VALUES = ['', '%00', '%ff', '%', '__proto__', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', '%F0%9F%98%80'];
const FORM = 'application/x-www-form-urlencoded';
/** RFC 8707 §2, RFC 8693 §2.1. */
const MAY_REPEAT = new Set(['resource', 'audience']);

/** The names of the parameters that a route reads. */
function namesOf({ path, query, body }: Route): string[] {
  const schema = body && 'schema' in body ? body.schema : body;
  const shapes = [query, schema].map((each) => Object.keys((each as z.ZodObject | undefined)?.shape ?? {}));
  const isOauth = /^\/(?:oauth|device)/.test(path);
  return [...new Set([...shapes.flat(), ...(isOauth ? OAUTH : [])])];
}

/** A slightly longer text is a client error, and a much longer one can end the connection. */
const limitOf = (body: BodySpec | undefined) => (body && 'maxBytes' in body ? body.maxBytes : 256 * 1024);

interface Attempt {
  route: Route;
  query?: string;
  body?: string;
  /** Whether a parameter that the route reads once comes twice. */
  isTwice?: boolean;
}

function* attemptsOf(route: Route): Generator<Attempt> {
  const { path } = route;
  const names = namesOf(route);
  const isForm = route.body !== undefined && mediaTypeOf(route.body) === FORM;
  const values = [...VALUES, isForm ? 'x'.repeat(40_000) : HUGE];
  // OAuth has many parameters. Each gets one value, another at each endpoint.
  const pairs = names.flatMap((name, index) =>
    OAUTH.includes(name)
      ? [`${name}=${values[(index + path.length) % values.length]}`]
      : [...values.map((value) => `${name}=${value}`), `${name}[]=a&${name}[x]=b`],
  );
  const texts = [
    '',
    'unknown=1',
    `__proto__=x&constructor=y`,
    names.map((name) => `${name}=a`).join('&'),
    ...pairs,
  ];
  const repeated = names.filter((name) => !MAY_REPEAT.has(name)).map((name) => `${name}=a&${name}=b`);
  if (isForm) {
    for (const body of texts) yield { route, body };
    for (const body of repeated) yield { route, body, isTwice: true };
    yield { route, body: `${names[0]}=${'x'.repeat(limitOf(route.body) + 30_000)}` };
  } else if (route.body !== undefined) {
    for (const body of BODIES) yield { route, body };
    for (const name of names) {
      for (const value of ['null', '1', '[]', '{}', '"\\ud800"', '"a"'])
        yield { route, body: `{"${name}":${value}}` };
      yield { route, body: `{"${name}":"a","${name}":"b"}`, isTwice: true };
    }
  } else {
    for (const query of texts) yield { route, query };
    for (const query of repeated) yield { route, query, isTwice: route.query !== undefined };
  }
}

it('no page and no endpoint of OAuth answers with 5xx, and each refusal has the form of its standard', async () => {
  const routes = (await routesOf(SET)).filter(
    ({ documented, errors, method }) => (documented === false || errors) && method !== 'OPTIONS',
  );
  const metadata = (await ask({ ...listener, path: '/.well-known/openid-configuration' })).json();
  const announced = Object.entries(metadata).filter(([name]) => name.endsWith('_endpoint'));
  for (const [name, url] of announced) {
    const { pathname } = new URL(String(url));
    assert.ok(
      routes.some(({ path }) => path === pathname),
      `${name} is tried`,
    );
  }
  const user = await server.createUser(['user']);
  const browser = createCookieJar(server.ca);
  const origin = `https://localhost:${server.controlPort}`;
  await browser.visit(`${origin}/login`, { form: { username: user.name, password: user.password } });
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const failed: string[] = [];
  const attempts = routes
    .filter(({ path }) => !path.startsWith('/acme/'))
    .flatMap((route) => [...attemptsOf(route)]);
  await eachOf(attempts, async ({ route, query = '', body, isTwice = false }) => {
    const { method, path, body: spec, errors } = route;
    const isEnd = path === '/logout' || path === '/account/sessions/end-others';
    const answer = await ask({
      ...listener,
      method: method === 'ANY' ? 'GET' : method,
      path: `${path.replaceAll(/:\w+/g, 'unknown')}${query && '?'}${query}`,
      headers: {
        origin,
        ...(!isEnd && { cookie }),
        ...(spec && { 'content-type': mediaTypeOf(spec) }),
      },
      ...(body !== undefined && { body }),
    });
    const { status, headers } = answer;
    // oidc-provider answers with our pages, or in the form of OAuth.
    const isPage = spec === undefined || path === '/device';
    const forms = [
      errors?.mediaType ?? 'application/problem+json',
      ...(isPage ? ['text/html', 'application/json'] : []),
    ];
    const isInForm = status < 400 || forms.some((form) => String(headers['content-type']).startsWith(form));
    if (status < 500 && isInForm && (!isTwice || (status >= 400 && status < 500))) return;
    failed.push(`${method} ${path} ${(query || body)?.slice(0, 60)}: ${status} ${headers['content-type']}`);
  });
  assert.deepEqual(failed, []);
});

/** Eight at a time. */
async function eachOf<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
