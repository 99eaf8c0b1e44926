import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatedMember } from '../../../src/platform/http/repeated-member.ts';

test('finds a member that comes twice in one object, also with escapes (RFC 8259 §4)', () => {
  assert.equal(repeatedMember('{"a":1,"a":2}'), 'a');
  assert.equal(repeatedMember('{"a":1,"\\u0061":2}'), 'a');
  assert.equal(repeatedMember('{"x":[{"b":{},"c":[],"b":null}]}'), 'b');
  assert.equal(repeatedMember('{"__proto__":1,"__proto__":2}'), '__proto__');
});

test('finds none if there is none', () => {
  for (const text of [
    '1',
    '"{\\"a\\":1,\\"a\\":2}"',
    '[{"a":1},{"a":2}]',
    '{"a":{"a":{"a":"a:a,a"}},"b":["a","a",":"]}',
    '{"a":"\\\\","b":"\\\\\\""}',
    '{}',
  ]) {
    JSON.parse(text);
    assert.equal(repeatedMember(text), undefined, text);
  }
});
