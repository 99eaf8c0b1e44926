// Whether a credential was made for its request (RFC 7616 §3.4.6, RFC 9449 §4.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSameTarget, isSameUrl } from '../../src/credentials/same-target.ts';

const HOST = 'localhost:8443';
const sameTarget = (named: string, target: string) => isSameTarget(named, { target, host: HOST });
const sameUrl = (named: string, target = '/a/b', host = HOST) => isSameUrl(named, { target, host });

test('the target is the same as sent, in another spelling of its path, or as a whole URL', () => {
  for (const named of [
    '/a~/b?c=%41',
    '/a%7E/b?c=%41',
    '/%61~/b?c=%41',
    `https://LOCALHOST:8443/a~/b?c=%41`,
  ]) {
    assert.equal(sameTarget(named, '/a~/b?c=%41'), true, named);
  }
});

test('another path, query, host or scheme is another target', () => {
  for (const named of [
    '/a/b',
    '/a/b?c=2',
    '/a/B?c=1',
    '/a/c?c=1',
    '/a/b?c=%31',
    '/a//b?c=1',
    '/x/../a/b?c=1',
    '',
  ]) {
    assert.equal(sameTarget(named, '/a/b?c=1'), false, named);
  }
  for (const named of [
    'https://other:8443/a/b?c=1',
    'http://localhost:8443/a/b?c=1',
    'https://localhost/a/b?c=1',
  ]) {
    assert.equal(sameTarget(named, '/a/b?c=1'), false, named);
  }
});

test('query and fragment of the URL do not count, and neither does the query of the request (RFC 9449 §4.3)', () => {
  for (const named of ['', '?x=1', '#x', '?x#y']) {
    assert.equal(sameUrl(`https://localhost:8443/a/b${named}`), true, named);
  }
  assert.equal(sameUrl('https://localhost:8443/a/b', '/a/b?c=1'), true);
  assert.equal(sameUrl('HTTPS://LOCALHOST:8443/%61/b'), true);
  assert.equal(sameUrl('https://api.example/a/b', '/a/b', 'api.example:443'), true);
  assert.equal(sameUrl('https://api.example:443', '/', 'api.example'), true);
});

test('another scheme, host, port or path is another URL, and so is text that is not a URL', () => {
  for (const named of [
    'http://localhost:8443/a/b',
    'https://localhost/a/b',
    'https://other:8443/a/b',
    'https://x@localhost:8443/a/b',
    'https://localhost:8443/a',
    'https://localhost:8443/a/b/',
    'https://localhost:8443/a/x/../b',
    '/a/b',
    '',
  ]) {
    assert.equal(sameUrl(named), false, named);
  }
});
