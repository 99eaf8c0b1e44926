// The parameters of an authentication scheme (RFC 9110 §11.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuthParams } from '../../src/credentials/auth-params.ts';

const read = (text: string) => Object.fromEntries(parseAuthParams(text));

test('reads tokens and quoted strings, with white space where the grammar allows it', () => {
  assert.deepEqual(read('a=1, B = "x, y" ,\tc="\\"\\\\"'), { a: '1', b: 'x, y', c: '"\\' });
  assert.deepEqual(read('a=""'), { a: '' });
  assert.deepEqual(read(''), {});
});

test('refuses text that is not a list of parameters, and a repeated name in any case', () => {
  for (const text of [
    'a',
    'a=',
    '=1',
    'a=1 b=2',
    'a="1',
    'a=1;b=2',
    'a=é',
    'a="\n"',
    'a=1, A=2',
    ',a=1',
    'a b=1',
  ]) {
    assert.throws(() => read(text), SyntaxError, text);
  }
  assert.throws(() => read(`a="${'x'.repeat(4096)}"`), /too long/);
});
