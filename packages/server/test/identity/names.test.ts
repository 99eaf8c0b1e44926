// Names of roles in the admin API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '../../src/identity/names.ts';

test('says the whole rule for names of roles, for every mistake', () => {
  for (const name of ['', '1st', 'a b', 'x'.repeat(65), 'user,admin', '\u001b[31m']) {
    const issues = roleNames.safeParse([name]).error?.issues.map(({ message }) => message);
    assert.deepEqual(issues, ['must have up to 64 letters, digits, - and _, and begin with a letter'], name);
  }
  assert.deepEqual(roleNames.parse(['user', 'Night-shift_2']), ['user', 'Night-shift_2']);
});
