// Resolves configured routes for the workers: names, defaults, and rules under the routes' ids.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clientAuthenticationFor,
  resolveRoutes,
  sampleRoutes,
} from '../../../src/gateway/routes/configured-routes.ts';
import { SYSTEM_ROOTS } from '../../../src/gateway/tls/upstream-tls.ts';
import { refusal } from '../../support/errors.ts';

const DEFAULTS = {
  upstream: 'http://127.0.0.1:3000',
  upstreams: { users: 'http://127.0.0.1:4000' },
  maxBodyBytes: 1000,
  maxSignedBytes: 100,
};

test('without routes, everything goes to the upstream, for the two built-in roles', () => {
  const { routes, rules } = resolveRoutes([], DEFAULTS);
  assert.deepEqual(routes, [
    {
      id: '1:/*',
      policyName: '/*',
      position: 0,
      path: '/*',
      host: undefined,
      methods: undefined,
      upstream: 'http://127.0.0.1:3000',
      upstreamTls: undefined,
      paths: undefined,
      stripPrefix: undefined,
      addPrefix: undefined,
      cors: undefined,
      access: 'authenticated',
      accept: ['bearer', 'apiKey', 'session', 'mtls'],
      require: undefined,
      attributes: undefined,
      action: undefined,
      query: undefined,
      headers: undefined,
      channel: undefined,
      maxBodyBytes: 1000,
    },
  ]);
  assert.equal(rules.size, 0);
});

test('if the handshake requests no certificate, no route accepts mtls, and a route that requires it is refused', () => {
  const withoutCertificates = { ...DEFAULTS, clientCertificates: 'off' } as const;
  assert.deepEqual(resolveRoutes([], withoutCertificates).routes[0]?.accept, ['bearer', 'apiKey', 'session']);
  const wanting = () =>
    resolveRoutes([{ path: '/a', access: 'authenticated', accept: ['bearer', 'mtls'] }], withoutCertificates);
  assert.throws(wanting, refusal('config_invalid', /route \/a accepts mtls.*gateway\.clientCertificates/));
});

test('the handshake requests a certificate only if a route accepts one or the setting requires one', () => {
  const taking = resolveRoutes([{ path: '/a', access: 'authenticated', accept: ['mtls'] }], DEFAULTS).routes;
  const others = resolveRoutes(
    [{ path: '/a', access: 'authenticated', accept: ['bearer'] }],
    DEFAULTS,
  ).routes;
  assert.equal(clientAuthenticationFor('request', taking), 'request');
  assert.equal(clientAuthenticationFor('request', others), 'off');
  assert.equal(clientAuthenticationFor('require', others), 'require');
});

test('an upstream is a name, an origin, or the default', () => {
  const resolved = (upstream?: string) =>
    resolveRoutes([{ path: '/a', access: 'public', upstream }], DEFAULTS).routes[0]?.upstream;
  assert.equal(resolved('users'), 'http://127.0.0.1:4000');
  assert.equal(resolved('https://Api.Example:443/'), 'https://api.example');
  assert.equal(resolved(), 'http://127.0.0.1:3000');
});

test('an upstream may have a path, be a Unix socket, or have settings for TLS', () => {
  const tls = { url: 'https://pay.example/v2', pin: `sha256/${'A'.repeat(43)}=` };
  const upstreams = { ...DEFAULTS.upstreams, pay: tls, plain: { url: 'https://plain.example' } };
  const resolved = (upstream: string, more = {}) => {
    const route = { path: '/a/*', access: 'public', upstream, ...more } as const;
    const [found] = resolveRoutes([route], { ...DEFAULTS, upstreams }).routes;
    return [found?.upstream, found?.addPrefix, found?.upstreamTls];
  };
  assert.deepEqual(resolved('http://a.example/v1/'), ['http://a.example', '/v1', undefined]);
  assert.deepEqual(resolved('unix:/run/app.sock'), ['unix:/run/app.sock', undefined, undefined]);
  assert.deepEqual(resolved('pay', { addPrefix: '/x' }), ['https://pay.example', '/v2/x', 'pay']);
  for (const upstream of ['plain', 'https://plain.example']) {
    assert.deepEqual(resolved(upstream), ['https://plain.example', undefined, SYSTEM_ROOTS], upstream);
  }
});

test('refuses a stripPrefix with which the paths of the route do not begin', () => {
  const route = (path: string, stripPrefix: string) => () =>
    resolveRoutes([{ path, access: 'public', stripPrefix }], DEFAULTS).routes[0]?.stripPrefix;
  assert.equal(route('/api/*', '/api')(), '/api');
  assert.equal(route('/api/v1/:id', '/api')(), '/api');
  for (const [path, stripPrefix] of [
    ['/*', '/api'],
    ['/apis/*', '/api'],
    ['/:tenant/api', '/api'],
    ['/api', '/api/v1'],
  ] as const) {
    assert.throws(route(path, stripPrefix), refusal('config_invalid', /route .* has the stripPrefix/), path);
  }
});

test('a CORS rule takes its methods from the route, and compares names of fields in lower case', () => {
  const cors = { origins: ['https://app.example'], headers: ['X-Id'], credentials: false, maxAge: 90.5 };
  const rule = (more = {}) =>
    resolveRoutes([{ path: '/a', access: 'authenticated', cors, ...more }], DEFAULTS).routes[0]?.cors;
  assert.deepEqual(rule()?.methods, ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
  assert.deepEqual(rule({ methods: ['QUERY'] })?.methods, ['QUERY']);
  assert.deepEqual([rule()?.headers, rule()?.maxAgeSeconds], [['x-id'], 90]);
});

test('a route that opens the channel has the media type for the upstream', () => {
  const rule = (channel: 'open' | { contentType: string }) =>
    resolveRoutes([{ path: '/a', access: 'public', channel }], DEFAULTS).routes[0]?.channel;
  assert.deepEqual(rule('open'), { contentType: 'application/octet-stream' });
  assert.deepEqual(rule({ contentType: 'text/plain' }), { contentType: 'text/plain' });
});

test('a route that opens the channel has GET and POST, and bodies of at most one message', () => {
  const route = { path: '/a', access: 'public', channel: 'open' } as const;
  const resolve = (more = {}) =>
    resolveRoutes([{ ...route, ...more }], { ...DEFAULTS, maxBodyBytes: 1000, maxMessageBytes: 500 });
  assert.equal(resolve().routes[0]?.maxBodyBytes, 500);
  assert.equal(resolve({ maxBodyBytes: 100 }).routes[0]?.maxBodyBytes, 100);
  assert.equal(resolve({ channel: undefined }).routes[0]?.maxBodyBytes, 1000);
  assert.equal(resolve({ methods: ['GET', 'POST', 'HEAD'] }).routes.length, 1);
  for (const methods of [['GET'], ['POST', 'PUT']]) {
    assert.throws(
      () => resolve({ methods }),
      refusal('config_invalid', /route \/a has a channel, but not the methods GET and POST/),
    );
  }
});

test('refuses an upstream that leads nowhere, naming the route', () => {
  const leads =
    (upstream: string | undefined, defaults = {}) =>
    () =>
      resolveRoutes([{ path: '/a', access: 'public', upstream }], { ...DEFAULTS, ...defaults });
  for (const upstream of [
    'unknown',
    '__proto__',
    'http://a/?q',
    'http://a//b',
    'unix:relative.sock',
    'ftp://a',
    'http://u:p@a',
    'a:1',
  ]) {
    assert.throws(leads(upstream), refusal('config_invalid', /route \/a/), upstream);
  }
  assert.throws(leads(undefined, { upstream: undefined }), refusal('config_invalid', /gateway\.upstream/));
});

test('each route has its own id, which leads to its rule', () => {
  const allow = { roles: ['auditor'] };
  const { routes, rules } = resolveRoutes(
    [
      {
        path: '/a',
        access: 'authenticated',
        allow,
        host: 'Api.Example',
        maxBodyBytes: 5,
        accept: ['apiKey'],
      },
      { path: '/a', access: 'authenticated', methods: ['GET'] },
    ],
    DEFAULTS,
  );
  assert.deepEqual(
    routes.map(({ id }) => id),
    ['1:/a', '2:/a'],
  );
  assert.deepEqual([...rules], [['1:/a', allow]]);
  assert.deepEqual(
    [routes[0]?.host, routes[0]?.maxBodyBytes, routes[0]?.accept],
    ['api.example', 5, ['apiKey']],
  );
});

test('refuses a path that is not a pattern', () => {
  assert.throws(
    () => resolveRoutes([{ path: 'a', access: 'public' }], DEFAULTS),
    refusal('config_invalid', /slash/),
  );
});

test('every path of the sample services needs a sign-in', () => {
  const { routes } = resolveRoutes(sampleRoutes, DEFAULTS);
  assert.ok(routes.every(({ access }) => access === 'authenticated'));
  assert.equal(routes.at(-1)?.path, '/*');
});

test('refuses a rule on a public route, because the route admits everyone', () => {
  for (const idle of [{ allow: { roles: ['auditor'] } }, { accept: ['bearer' as const] }]) {
    const contradiction = () => resolveRoutes([{ path: '/a', access: 'public', ...idle }], DEFAULTS);
    assert.throws(contradiction, refusal('config_invalid', /\/a is public/));
  }
});

test('refuses a route that an earlier one hides', () => {
  const hidden = [
    [{ path: '/*' }, { path: '/a' }],
    [{ path: '/a/*' }, { path: '/a' }],
    [{ path: '/a/*' }, { path: '/a/:id/*' }],
    [{ path: '/:name' }, { path: '/a', methods: ['GET'] }],
    [
      { path: '/a', methods: ['GET', 'PUT'] },
      { path: '/a', host: 'h', methods: ['PUT'] },
    ],
  ];
  const seen = [
    [{ path: '/a' }, { path: '/*' }],
    [{ path: '/a' }, { path: '/a/*' }],
    [{ path: '/a' }, { path: '/:name' }],
    [{ path: '/a', methods: ['GET'] }, { path: '/a' }],
    [{ path: '/a', host: 'h' }, { path: '/a' }],
    [
      { path: '/a/*', host: 'h' },
      { path: '/a/b', host: 'i' },
    ],
  ];
  const resolve = (routes: { path: string }[]) =>
    resolveRoutes(
      routes.map((route) => ({ ...route, access: 'public' as const })),
      DEFAULTS,
    );
  for (const routes of hidden)
    assert.throws(() => resolve(routes), refusal('config_invalid', /is never reached/));
  for (const routes of seen) assert.equal(resolve(routes).routes.length, 2);
});
