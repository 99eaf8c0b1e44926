// Shared values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedValues } from '../../src/policy/shared-values.ts';

test('equal lists share one value, and different lists do not', () => {
  const setOf = createSharedValues((names: readonly string[]) => new Set(names));
  assert.equal(setOf(['a', 'b']), setOf(['a', 'b']));
  assert.notEqual(setOf(['a', 'b']), setOf(['b', 'a']));
  assert.deepEqual([...setOf(['a","b'])], ['a","b']);
  assert.notEqual(setOf(['a","b']), setOf(['a', 'b']));
});

test('if there are too many values, they are removed and created again', () => {
  let made = 0;
  const find = createSharedValues((text: string) => `${text}${++made}`, 2);
  assert.deepEqual(['a', 'b', 'a', 'c', 'c', 'a'].map(find), ['a1', 'b2', 'a1', 'c3', 'c3', 'a4']);
});
