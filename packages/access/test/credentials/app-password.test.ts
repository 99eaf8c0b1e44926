// Generated passwords.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateAppPassword } from '../../src/credentials/app-password.ts';

test('a password has a prefix and 160 random bits, and no two are equal', () => {
  const one = generateAppPassword();
  assert.match(one, /^ghp_[a-z2-7]{32}$/);
  assert.notEqual(generateAppPassword(), one);
});
