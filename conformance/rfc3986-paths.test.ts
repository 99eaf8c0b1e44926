// The gateway authorises the canonical form of every path, and forwards that same form (RFC 3986 §6.2.2): no
// spelling of a forbidden path avoids the policy.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SPELLINGS } from './support/path-spellings.ts';
import { connectRaw } from './support/raw-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const routes = [
  { path: '/admin', allow: { roles: ['admin'] } },
  { path: '/admin/*', allow: { roles: ['admin'] } },
  { path: '/kéks/*', allow: { roles: ['admin'] } },
  { path: '/*', allow: { roles: ['user', 'admin'] } },
];
const server = await startServer({
  upstream: upstream.origin,
  set: [`gateway.routes=${JSON.stringify(routes)}`],
});
const user = await server.createKey(['user']);
const admin = await server.createKey(['admin']);
after(() => Promise.all([server.stop(), upstream.close()]));

async function get(target: string, key: string) {
  const client = await connectRaw(server);
  client.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`);
  const response = await client.response();
  client.destroy();
  return response;
}

const FORBIDDEN: typeof SPELLINGS = {
  ...SPELLINGS,
  'letters outside of ASCII (RFC 3987 §3.1)': [
    '/k%C3%A9ks/x',
    '/K%C3%89KS/x',
    '/K%c3%a9ks/x',
    '/ke%CC%81ks/x',
    '/%E2%84%AA%C3%A9ks/x',
  ],
};

describe('the gateway authorises the same path that it forwards', { concurrency: true }, () => {
  for (const [kind, targets] of Object.entries(FORBIDDEN)) {
    it(`answers 403 or 400 to a forbidden path spelled with ${kind}, and forwards nothing`, async () => {
      const outcomes = await Promise.all(
        targets.map(async (target) => ({ target, status: (await get(target, user.key)).status })),
      );
      assert.deepEqual(
        outcomes.filter(({ status }) => status !== 403 && status !== 400),
        [],
      );
    });
  }

  const CANONICAL = {
    '/plain/path': '/plain/path',
    '/%7euser/%41%2d%5F': '/~user/A-_',
    '/caf%c3%a9': '/caf%C3%A9',
    '/a%20b': '/a%20b',
    '/a%3fb%23c': '/a%3Fb%23c',
    '/a|b"c<d>': '/a%7Cb%22c%3Cd%3E',
    "/!$&'()*+,=:@": "/!$&'()*+,=:@",
    '/100%25': '/100%25',
    '/.well-known/x': '/.well-known/x',
    '/a..b/...': '/a..b/...',
    '/trailing/': '/trailing/',
    '/q?a=%2e%2e/../;b=//&c=\\': '/q?a=%2e%2e/../;b=//&c=\\',
  };
  for (const [target, forwarded] of Object.entries(CANONICAL)) {
    it(`forwards ${target} as ${forwarded}`, async () => {
      assert.equal((await get(target, user.key)).body.toString(), `reached GET ${forwarded}`);
    });
  }

  it('forwards the path of an allowed caller in its canonical form', async () => {
    assert.equal((await get('/%61dmin/s%65cret', admin.key)).body.toString(), 'reached GET /admin/secret');
    assert.equal((await get('/k%c3%a9ks/x', admin.key)).body.toString(), 'reached GET /k%C3%A9ks/x');
  });

  it('refuses a path parameter even from an administrator', async () => {
    assert.equal((await get('/admin;x/secret', admin.key)).status, 400);
  });
});

describe('after these requests', () => {
  it('only the administrator has reached the forbidden path at the upstream', () => {
    const paths = upstream.requests.map(({ url }) => url).filter((url) => /admin|k%c3%a9ks/i.test(url));
    assert.deepEqual(paths.sort(), ['/admin/secret', '/k%C3%A9ks/x']);
  });
});
