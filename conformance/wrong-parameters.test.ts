// Every operation of the OpenAPI document and every page of the authorization server, with parameters that
// are wrong, missing, huge or repeated: an error of the client, in the form that the document promises (RFC
// 9457).
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { ask } from './support/https-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['oauth.registration=true'] });
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

/** As the local operator, who may do everything. */
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

it('no page of the authorization server does', async () => {
  const oauth = ['authorize', 'logout', 'logout/success', 'userinfo', 'interaction/x', 'authorize/x'];
  const pages = [...oauth.map((name) => `/oauth/${name}`), '/device', '/device/x', '/.well-known/jwks.json'];
  const parameters = ['client_id', 'id_token_hint', 'post_logout_redirect_uri', 'user_code', 'state', 'xsrf'];
  const values = ['', '%00', '%ff', '%', HUGE, 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'];
  const queries = [
    ...parameters.flatMap((name) => values.map((value) => `${name}=${value}`)),
    ...parameters.map((name) => `${name}=a&${name}=b`),
    ...parameters.map((name) => `${name}[]=a`),
  ];
  const tries = pages.flatMap((page) => queries.map((query) => ({ page, query })));
  const failed: string[] = [];
  await eachOf(tries, async ({ page, query }) => {
    const { status } = await ask({ ...listener, path: `${page}?${query}` });
    if (status >= 500) failed.push(`${page}?${query.slice(0, 60)}: ${status}`);
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
