// Form parameters: once each, and an empty one is absent (RFC 6749 §3.1, §3.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParameters } from '../../../src/oauth/token/parameters.ts';

const read = (text: string) => readParameters(Buffer.from(text));

test('reads a form; an empty value counts as absent', () => {
  const form = read('grant_type=client_credentials&scope=a+b&empty=');
  assert.deepEqual(
    [form.one('grant_type'), form.one('scope'), form.one('empty')],
    ['client_credentials', 'a b', undefined],
  );
});

test('refuses a parameter that comes twice, except resource and audience', () => {
  assert.throws(() => read('scope=a&scope=b'), { error: 'invalid_request' });
  const form = read('resource=a&resource=b');
  assert.deepEqual(form.all('resource'), ['a', 'b']);
  assert.throws(() => form.one('resource'), { error: 'invalid_request' });
});

test('has no parameters from prototypes', () => {
  assert.equal(read('a=b').one('constructor'), undefined);
  assert.equal(read('__proto__=x').one('__proto__'), 'x');
});

test('writes the form again with other values', () => {
  const text = read('token=a.b.c&x=1&resource=a&resource=b').text({ token: '~a.b.c' });
  assert.equal(text, 'x=1&resource=a&resource=b&token=%7Ea.b.c');
});

test('refuses text that is not UTF-8', () => {
  assert.throws(() => read('a=%ff'), { code: 'bad_request' });
});
