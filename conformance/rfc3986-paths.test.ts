// The gateway authorises the canonical form of every path, and forwards that same form (RFC 3986 §6.2.2): no
// spelling of a forbidden path gets past the policy.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
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

const FORBIDDEN: Record<string, string[]> = {
  'no change': [
    '/admin',
    '/admin/',
    '/admin/secret',
    '/admin/secret/',
    '/admin?',
    '/admin?x=/../public',
    'https://localhost/admin/secret',
  ],
  'empty and dot segments (RFC 3986 §5.2.4)': [
    '//admin/secret',
    '///admin/secret',
    '/admin//secret',
    '/admin/secret//',
    '/./admin/secret',
    '/admin/./secret',
    '/x/../admin/secret',
    '/admin/x/../secret',
    '/x/y/../../admin/secret',
    '/../admin/secret',
    '/x/..//admin/secret',
    '/admin/..',
    '/admin/.',
    '/x/..',
    '//localhost/admin/secret',
    'https://localhost//admin/secret',
    'https://localhost/x/../admin/secret',
  ],
  'encoded dots, slashes and backslashes (RFC 3986 §2.2)': [
    '/%2e/admin/secret',
    '/x/%2e%2e/admin/secret',
    '/x/%2E%2e/admin/secret',
    '/x/.%2e/admin/secret',
    '/x/%2e./admin/secret',
    '/%2fadmin/secret',
    '/admin%2fsecret',
    '/admin%2Fsecret',
    '/x%2f..%2fadmin%2fsecret',
    '/x/..%2fadmin/secret',
    '/%5cadmin/secret',
    '/admin%5Csecret',
    '/x/..%5cadmin/secret',
    '/\\admin/secret',
    '/admin\\secret',
    '/x\\..\\admin\\secret',
    '/x/..\\admin/secret',
  ],
  'path parameters (RFC 3986 §3.3)': [
    '/admin;x/secret',
    '/admin;/secret',
    '/;/admin/secret',
    '/admin/secret;x=y',
    '/x/..;/admin/secret',
    '/x/..;a=b/admin/secret',
    '/admin%3bx/secret',
    '/admin/;/secret',
    '/admin;x=%2f../secret',
  ],
  'case, escapes, double encoding and overlong UTF-8 (RFC 3986 §6.2.2, RFC 3629 §10)': [
    '/ADMIN/secret',
    '/Admin/secret',
    '/admiN',
    '/%61dmin/secret',
    '/%61%64%6d%69%6e/secret',
    '/%61%64%6D%69%6E',
    '/%41DMIN/secret',
    '/%2561dmin/secret',
    '/%25%36%31dmin/secret',
    '/%%36%31dmin/secret',
    '/x/%252e%252e/admin/secret',
    '/x/%25%32%65%25%32%65/admin/secret',
    '/x%252f..%252fadmin/secret',
    '/%25252fadmin/secret',
    '/%u0061dmin/secret',
    '/%c1%a1dmin/secret',
    '/x/%c0%ae%c0%ae/admin/secret',
    '/x/..%c0%afadmin/secret',
    '/x/..%c1%9cadmin/secret',
    '/x/..%e0%80%afadmin/secret',
    '/x/..%f0%80%80%afadmin/secret',
    '/%ed%a0%80',
    '/%ff',
    '/%c3',
    '/adm%C4%B1n/secret',
    '/%EF%BD%81dmin/secret',
    '/k%C3%A9ks/x',
    '/K%C3%89KS/x',
    '/K%c3%a9ks/x',
    '/ke%CC%81ks/x',
    '/%E2%84%AA%C3%A9ks/x',
  ],
  'what file systems and frameworks fold (RFC 3986 §2.1, UAX #15)': [
    '/admin%20',
    '/admin.',
    '/admin%20.',
    '/admin./secret',
    '/admin%20/secret',
    '/admin/secret::$DATA',
    '/admin::$INDEX_ALLOCATION/secret',
    '/%ef%bc%8fadmin',
    '/admin%ef%bc%8fsecret',
    '/admin%EF%BC%BCsecret',
    '/x/%ef%bc%8e%ef%bc%8e/admin/secret',
    '/x/%e2%80%a5/admin/secret',
    '/%e2%88%95admin',
    '/adm%e2%80%8bin/secret',
  ],
  'NUL, controls and broken escapes (RFC 3986 §2.1)': [
    '/admin%00/secret',
    '/admin/secret%00.png',
    '/%00/admin/secret',
    '/admin%0a',
    '/admin%0d%0aX-A:%20b',
    '/admin%09/secret',
    '/admin%7f/secret',
    '/%',
    '/%6',
    '/admin%',
    '/%zzadmin',
    '/%-1',
    '/% 61dmin',
  ],
};

describe('the gateway authorises what it forwards', { concurrency: true }, () => {
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

describe('after all of that', () => {
  it('only the administrator has reached the forbidden path at the upstream', () => {
    const paths = upstream.requests.map(({ url }) => url).filter((url) => /admin|k%c3%a9ks/i.test(url));
    assert.deepEqual(paths.sort(), ['/admin/secret', '/k%C3%A9ks/x']);
  });
});
