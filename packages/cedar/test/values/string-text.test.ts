import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isName, stringText } from '../../src/values/string-text.ts';
import { conditionOf } from '../support/outcomes.ts';

test('a string is written with the escapes of Cedar, and Cedar reads it back', () => {
  for (const text of ['', 'a "b" \\ c', '\\u0041', 'line\n\r\ttab', '\0\b\f\u0007\u001f', 'é 😀 \u2028', '*'])
    assert.deepEqual(conditionOf(`context.text == ${stringText(text)}`).conditions[0]?.body['=='], {
      left: { '.': { left: { Var: 'context' }, attr: 'text' } },
      right: { Value: text },
    });
});

test('names that are not reserved have no quotes', () => {
  assert.deepEqual(['a', '_b1', 'In'].map(isName), [true, true, true]);
  assert.deepEqual(['in', 'has', 'true', '1a', 'a b', 'a-b', '', 'é'].map(isName), Array(8).fill(false));
});
