// Names of roles as the admin API takes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '../../src/identity/names.ts';

test('says all that a name of a role must be, whatever is wrong with it', () => {
  for (const name of ['', '1st', 'a b', 'x'.repeat(65), 'user,admin', '\u001b[31m']) {
    const issues = roleNames.safeParse([name]).error?.issues.map(({ message }) => message);
    assert.deepEqual(issues, ['must have up to 64 letters, digits, - and _, and begin with a letter'], name);
  }
  assert.deepEqual(roleNames.parse(['user', 'Night-shift_2']), ['user', 'Night-shift_2']);
});
