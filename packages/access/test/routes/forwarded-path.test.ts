// Paths with another beginning for the upstream, and the reverse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientPath, forwardedPath } from '../../src/routes/forwarded-path.ts';

test('without prefixes the path does not change', () => {
  assert.equal(forwardedPath({}, '/a/b/'), '/a/b/');
});

test('a prefix is removed only at the end of a segment, and never leaves an empty path', () => {
  const route = { stripPrefix: '/api' };
  assert.equal(forwardedPath(route, '/api/notes'), '/notes');
  assert.equal(forwardedPath(route, '/api/'), '/');
  assert.equal(forwardedPath(route, '/api'), '/');
  assert.equal(forwardedPath(route, '/apis'), '/apis');
});

test('a prefix is added after another was removed', () => {
  const route = { stripPrefix: '/api', addPrefix: '/v1/x' };
  assert.equal(forwardedPath(route, '/api/notes'), '/v1/x/notes');
  assert.equal(forwardedPath(route, '/api'), '/v1/x');
  assert.equal(forwardedPath(route, '/api/'), '/v1/x/');
  assert.equal(forwardedPath({ addPrefix: '/v1' }, '/'), '/v1/');
});

test('converts a path of the upstream back to the path of the client', () => {
  const route = { stripPrefix: '/api', addPrefix: '/v1' };
  for (const path of ['/api/notes', '/api', '/api/']) {
    assert.equal(clientPath(route, forwardedPath(route, path)), path);
  }
  assert.equal(clientPath(route, '/v1?page=2'), '/api?page=2');
  assert.equal(clientPath(route, '/v12/notes'), undefined);
  assert.equal(clientPath({ addPrefix: '/v1' }, '/v1'), '/');
});
