// The members of sets and records.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityUid, recordValue, setValue } from '../../src/index.ts';
import { contains, isEqual } from '../../src/values/values.ts';

test('a set returns the same members each time', () => {
  const alice = entityUid('User', 'alice');
  const set = setValue([1, alice, setValue(['a'])]);
  for (const member of [1, 1, alice, alice, setValue(['a']), setValue(['a'])])
    assert.equal(contains(set, member), true);
});

test('a record that computes its members is equal to one with the same members', () => {
  const names = ['method', 'path'];
  const computed = recordValue({
    get: (name) => (names.includes(name) ? name.toUpperCase() : undefined),
    size: 2,
    keys: () => names.values(),
  });
  const record = (...members: [string, string][]) => recordValue(new Map(members));
  const same = record(['method', 'METHOD'], ['path', 'PATH']);
  assert.deepEqual([isEqual(computed, same), isEqual(same, computed)], [true, true]);
  const other = record(['method', 'METHOD'], ['host', 'HOST']);
  assert.deepEqual([isEqual(computed, other), isEqual(other, computed)], [false, false]);
});
