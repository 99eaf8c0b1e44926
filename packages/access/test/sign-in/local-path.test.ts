// The target after a sign-in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath } from '../../src/sign-in/local-path.ts';

test('a path of this host is not changed, with its query', () => {
  for (const path of ['/', '/account', '/login/gateway?host=a%3A1&path=%2Fx%3Fy%3D1', '/a//b']) {
    assert.equal(localPath(path, '/'), path);
  }
});

const ELSEWHERE = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/%09/evil.example\n',
  'javascript:alert(1)',
  'evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/x/..//evil.example',
  ' /account',
  '/accoun\u00e9',
  '',
  `/${'a'.repeat(8192)}`,
];

test('anything else becomes the usual page, because a link must not lead to another site (RFC 9700 §4.11.2)', () => {
  for (const text of ELSEWHERE) assert.equal(localPath(text, '/account'), '/account', JSON.stringify(text));
  assert.equal(localPath(undefined, '/account'), '/account');
});

test('a browser that follows the result stays on its host', () => {
  for (const text of [
    ...ELSEWHERE,
    '/a',
    '/@evil.example',
    '/:8080',
    '/?//evil.example',
    '/#//evil.example',
  ]) {
    const { host } = new URL(localPath(text, '/account'), 'https://own.example/login');
    assert.equal(host, 'own.example', JSON.stringify(text));
  }
});
