// Location of a redirect (RFC 9110 §10.2.2): the upstream's own origin becomes ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownLocation } from '../../src/exchange/location.ts';

const HTTP = { upstreamOrigin: 'http://127.0.0.1:3000', host: 'api.example:8443' };
const HTTPS = { upstreamOrigin: 'https://pay.example', host: 'api.example' };

test('a redirect to the upstream’s own origin becomes one to ours', () => {
  for (const [location, expected] of [
    ['http://127.0.0.1:3000/notes?a=b#c', 'https://api.example:8443/notes?a=b#c'],
    ['HTTP://127.0.0.1:3000/notes', 'https://api.example:8443/notes'],
    ['//127.0.0.1:3000/notes', 'https://api.example:8443/notes'],
    ['http://127.0.0.1:3000', 'https://api.example:8443'],
    ['http://127.0.0.1:3000?a', 'https://api.example:8443?a'],
  ] as const) {
    assert.equal(ownLocation(location, HTTP), expected, location);
  }
});

test('recognises the default port with and without a number, and host names in any case', () => {
  for (const location of ['https://pay.example:443/a', 'https://PAY.example/a', '//pay.example/a']) {
    assert.equal(ownLocation(location, HTTPS), 'https://api.example/a', location);
  }
});

test('a redirect to another origin is not changed', () => {
  for (const location of [
    'https://127.0.0.1:3000/a',
    'http://127.0.0.1:3001/a',
    'http://127.0.0.1:3000.evil.example/a',
    'http://user@127.0.0.1:3000/a',
    'http://127.0.0.1/a',
    '//evil.example/a',
    'mailto:someone@example.test',
  ]) {
    assert.equal(ownLocation(location, HTTP), location, location);
  }
  assert.equal(ownLocation('http://pay.example/a', HTTPS), 'http://pay.example/a');
});

test('a path is not changed, unless clients use another path for it', () => {
  const clientPath = (path: string) => (path.startsWith('/v1/') ? path.replace('/v1/', '/api/') : undefined);
  const moved = { ...HTTP, clientPath };
  for (const path of ['/notes', 'notes', '../notes', '?a', '']) assert.equal(ownLocation(path, HTTP), path);
  assert.equal(ownLocation('/v1/notes', moved), '/api/notes');
  assert.equal(ownLocation('/other', moved), '/other');
  assert.equal(ownLocation('notes', moved), 'notes');
  const absolute = 'http://127.0.0.1:3000/v1/notes';
  assert.equal(ownLocation(absolute, moved), 'https://api.example:8443/api/notes');
});
