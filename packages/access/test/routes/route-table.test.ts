// Matching of routes: the first match wins, and a path that differs from a route only in case is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute } from '../../src/routes/route-table.ts';
import { compilePattern, createRouteTable } from '../../src/routes/route-table.ts';
import { refusal } from '../support/errors.ts';

function route(path: string, more: Partial<GatewayRoute> = {}): GatewayRoute {
  const rest = {
    position: 0,
    host: undefined,
    methods: undefined,
    upstream: 'http://127.0.0.1:3000',
    accept: [],
    maxBodyBytes: 1,
  };
  return { id: path, policyName: path, path, access: 'authenticated', ...rest, ...more };
}

function matcher(...routes: GatewayRoute[]) {
  const table = createRouteTable(routes);
  return (path: string, { method = 'GET', host = 'localhost:8443' } = {}) =>
    table.match({ method, host, path }).id;
}

test('literal segments match only themselves; a trailing slash makes no difference', () => {
  const match = matcher(route('/a/b'));
  assert.equal(match('/a/b'), '/a/b');
  assert.equal(match('/a/b/'), '/a/b');
  for (const path of ['/', '/a', '/a/b/c', '/a/bb', '/x/a/b'])
    assert.throws(() => match(path), refusal('not_found'));
});

test('a name matches one segment; a star matches its segment and all paths below', () => {
  const match = matcher(route('/notes/:id'), route('/files/*'));
  assert.equal(match('/notes/1'), '/notes/:id');
  assert.throws(() => match('/notes'), refusal('not_found'));
  assert.throws(() => match('/notes/1/2'), refusal('not_found'));
  for (const path of ['/files', '/files/', '/files/a', '/files/a/b']) assert.equal(match(path), '/files/*');
  assert.equal(matcher(route('/*'))('/'), '/*');
  assert.equal(matcher(route('/'))('/'), '/');
});

test('the first match wins', () => {
  const match = matcher(route('/a/:x'), route('/a/b'), route('/*'));
  assert.equal(match('/a/b'), '/a/:x');
  assert.equal(match('/c'), '/*');
});

test('a route can be limited to one host, on any port', () => {
  const match = matcher(route('/h', { host: 'api.example' }), route('/h', { id: 'any' }));
  assert.equal(match('/h', { host: 'api.example:8443' }), '/h');
  assert.equal(match('/h', { host: 'api.example' }), '/h');
  assert.equal(match('/h', { host: 'api.example.evil' }), 'any');
  assert.equal(matcher(route('/h', { host: '[::1]' }))('/h', { host: '[::1]:8443' }), '/h');
});

test('routes for other methods are skipped; if no route matches, the error names their methods (RFC 9110 §15.5.6)', () => {
  const reading = route('/m', { methods: ['GET', 'HEAD'] });
  const writing = route('/m', { id: 'writing', methods: ['PUT'] });
  const match = matcher(reading, writing);
  assert.equal(match('/m', { method: 'PUT' }), 'writing');
  assert.throws(
    () => match('/m', { method: 'DELETE' }),
    (error: { code?: string; allow?: string[] }) =>
      error.code === 'method_not_allowed' && error.allow?.join() === 'GET,HEAD,PUT',
  );
});

test('refuses a path that differs from an earlier route only in case, also beyond ASCII (RFC 3986 §6.2.2.1)', () => {
  const match = matcher(route('/admin/*'), route('/café'), route('/*'));
  for (const path of ['/ADMIN', '/Admin/x', '/CAF%C3%89', '/cafe%CC%81', '/%EF%BD%81dmin/x', '/adm%C4%B1n']) {
    assert.throws(() => match(path), refusal('path_not_canonical', /case/), path);
  }
  assert.equal(match('/caf%C3%A9'), '/café');
  assert.equal(match('/admins'), '/*');
});

test("accepts paths that some servers read as another path only if the route has paths: 'any'", () => {
  const match = matcher(route('/files/*', { paths: 'any' }), route('/*'));
  const unusual = ['a%2Fb', 'a%5Cb', 'a;v=1', 'a//b', '%252F', 'a.', 'a%20', '%EF%BC%8Fa'];
  for (const path of unusual) {
    assert.equal(match(`/files/${path}`), '/files/*');
    assert.throws(() => match(`/other/${path}`), refusal('path_not_canonical'), path);
  }
  assert.throws(() => matcher(route('/a'))('/b%2Fc'), refusal('path_not_canonical', /slash/));
});

test('a literal is compared in its canonical form', () => {
  assert.equal(matcher(route('/a b/~c'))('/a%20b/~c'), '/a b/~c');
  assert.equal(matcher(route('/%7Ec'))('/~c'), '/%7Ec');
});

test('refuses patterns that cannot match or would mislead', () => {
  for (const path of ['', 'a', '/a*', '/*/b', '/**', '/a/:', '/a/../b', '/a//b', '/a;b', '/a\\b', '/a%2Fb']) {
    assert.throws(() => compilePattern(path), refusal('config_invalid', /gateway\.routes/), path);
  }
});
