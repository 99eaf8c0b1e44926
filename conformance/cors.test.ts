// Cross-origin requests through the running gateway (Fetch §3.3): preflights without a credential, and the
// parts of all other answers that pages may read, also of refusals.
import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, describe, it } from 'node:test';
import { eventually } from './support/conditions.ts';
import { ask } from './support/https-client.ts';
import { startServer } from './support/server-under-test.ts';
import type { TransportName } from './support/transports.ts';
import { onTransport, TRANSPORTS } from './support/transports.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const PAGE = 'https://app.example';
const STRANGER = 'https://evil.example';
const ROUTES = [
  {
    path: '/notes/*',
    methods: ['GET', 'PUT'],
    allow: { roles: ['user'] },
    cors: { origins: [PAGE], headers: ['X-API-Key', 'content-type'], maxAge: '10m', credentials: true },
  },
  { path: '/open', access: 'public', cors: { origins: ['*'] } },
  { path: '/closed', access: 'public' },
];

const worlds = await Promise.all(TRANSPORTS.map(startWorld));
after(() => Promise.all(worlds.map(({ stop }) => stop())));

for (const { transport, server, upstream, key, agent } of worlds) {
  const call = (path: string, method: string, headers: Record<string, string>) =>
    ask({ ...server, path, method, headers, agent });
  const preflight = (path: string, origin: string, method = 'PUT') =>
    call(path, 'OPTIONS', { origin, 'access-control-request-method': method });
  /** The fields that a browser reads. */
  const cors = ({ headers }: Awaited<ReturnType<typeof ask>>) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
    );

  describe(`preflights, transport ${transport}`, () => {
    it('of a permitted page are answered without a credential and without the upstream', async () => {
      const answer = await preflight('/notes/preflight', PAGE);
      assert.equal(answer.status, 204);
      assert.deepEqual(cors(answer), {
        'access-control-allow-origin': PAGE,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'x-api-key, content-type',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      });
      assert.deepEqual(upstream.saw('preflight'), []);
    });

    it('of another page get no permission', async () => {
      for (const origin of [STRANGER, 'https://app.example.evil.example', 'http://app.example', 'null']) {
        const answer = await preflight('/notes/a', origin);
        assert.equal(answer.status, 204);
        assert.deepEqual(Object.keys(cors(answer)), ['vary'], origin);
      }
    });

    it('for a method that the route does not have are refused', async () => {
      const answer = await preflight('/notes/a', PAGE, 'DELETE');
      assert.deepEqual([answer.status, cors(answer)], [405, {}]);
    });

    it('to a route without a rule are ordinary OPTIONS requests of the upstream', async () => {
      const answer = await preflight('/closed', PAGE);
      assert.equal(answer.text(), 'reached OPTIONS /closed');
      assert.deepEqual(cors(answer), {});
    });

    it('to a route for all origins permit every page, without credentials', async () => {
      const answer = await preflight('/open', STRANGER, 'GET');
      const { 'access-control-allow-origin': origin, 'access-control-allow-credentials': credentials } =
        answer.headers;
      assert.deepEqual([answer.status, origin, credentials], [204, '*', undefined]);
    });

    it('are in the access log as allowed, under their route', async () => {
      const line = await eventually('the line', () =>
        server.accessLog().find(({ path }) => path === '/notes/preflight'),
      );
      const { method, decision, status, route, principal } = line;
      assert.deepEqual(
        [method, decision, status, route, principal],
        ['OPTIONS', 'allowed', 204, '1:/notes/*', null],
      );
    });
  });

  describe(`other cross-origin requests, transport ${transport}`, () => {
    const readable = { 'access-control-allow-origin': PAGE, 'access-control-allow-credentials': 'true' };

    it('of a permitted page are forwarded, and the page may read the answer', async () => {
      const answer = await call('/notes/a', 'PUT', { origin: PAGE, 'x-api-key': key });
      assert.equal(answer.text(), 'reached PUT /notes/a');
      assert.deepEqual(cors(answer), { ...readable, vary: 'Origin' });
    });

    it('of a permitted page may also read a refusal', async () => {
      const answer = await call('/notes/a', 'GET', { origin: PAGE });
      assert.equal(answer.status, 401);
      assert.deepEqual(cors(answer), { ...readable, vary: 'Origin' });
    });

    it('of another page are forwarded like any request, but the page may not read the answer', async () => {
      const answer = await call('/notes/a', 'GET', { origin: STRANGER, 'x-api-key': key });
      assert.equal(answer.status, 200);
      assert.deepEqual(cors(answer), { vary: 'Origin' });
    });

    it('get our fields instead of the upstream’s, and its other fields unchanged', async () => {
      upstream.on('/notes/own-fields', (_, response) => {
        response.setHeader('access-control-allow-origin', '*');
        response.setHeader('access-control-allow-credentials', 'true');
        response.setHeader('access-control-expose-headers', 'etag');
        response.setHeader('vary', 'Accept');
        response.end();
      });
      const stranger = await call('/notes/own-fields', 'GET', { origin: STRANGER, 'x-api-key': key });
      assert.equal(stranger.headers['access-control-allow-origin'], undefined);
      assert.equal(stranger.headers['access-control-allow-credentials'], undefined);
      const page = await call('/notes/own-fields', 'GET', { origin: PAGE, 'x-api-key': key });
      assert.equal(page.headers['access-control-allow-origin'], PAGE);
      assert.equal(page.headers['access-control-expose-headers'], 'etag');
      assert.equal(page.headers.vary, 'Accept, Origin');
    });

    it('without an origin have Origin in Vary, because caches must not mix up the answers', async () => {
      const answer = await call('/notes/a', 'GET', { 'x-api-key': key });
      assert.deepEqual(cors(answer), { vary: 'Origin' });
    });
  });
}

async function startWorld(transport: TransportName) {
  const upstream = await startRecordingUpstream();
  const server = await startServer({
    upstream: upstream.origin,
    set: [`gateway.routes=${JSON.stringify(ROUTES)}`, 'gateway.workers=1', ...onTransport(transport)],
  });
  const { key } = await server.createKey(['user']);
  const agent = new Agent({ keepAlive: true });
  const stop = async () => {
    agent.destroy();
    await Promise.all([server.stop(), upstream.close()]);
  };
  return { transport, server, upstream, key, agent, stop };
}
