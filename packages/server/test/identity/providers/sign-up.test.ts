// Sign-ups: the new account, and refusals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountFor } from '../../../src/identity/providers/sign-up.ts';
import { refusal } from '../../support/errors.ts';

const settings = {
  roles: ['user'],
  groups: { staff: ['staff', 'user'], admins: ['admin'] },
  groupsClaim: 'groups',
  emailDomains: ['Example.com'],
  nameClaim: 'preferred_username',
};
const claims = { preferred_username: 'alice', email: 'alice@EXAMPLE.com', email_verified: true };

test('an account has the name of the claim, the roles for everyone, and those of the groups once', () => {
  assert.deepEqual(accountFor(claims, settings), { name: 'alice', roles: ['user'] });
  const groups = ['staff', 'constructor', '__proto__', 7];
  assert.deepEqual(accountFor({ ...claims, groups }, settings), { name: 'alice', roles: ['user', 'staff'] });
});

test('with groups only, only their members get an account', () => {
  const closed = { ...settings, roles: [] };
  const refused = refusal('account_not_linked', /members of some groups/);
  assert.throws(() => accountFor(claims, closed), refused);
  assert.throws(() => accountFor({ ...claims, groups: 'staff' }, closed), refused);
  assert.deepEqual(accountFor({ ...claims, groups: ['admins'] }, closed).roles, ['admin']);
});

test('an e-mail address is accepted only if it is verified and of one of the domains', () => {
  for (const bad of [
    { email_verified: false },
    { email_verified: 'true' },
    { email_verified: undefined },
    { email: undefined },
    { email: 'alice@example.com.evil.example' },
    { email: 'alice@example.com@evil.example' },
    { email: 'example.com@' },
    { email: 'alice@sub.example.com' },
  ]) {
    assert.throws(
      () => accountFor({ ...claims, ...bad }, settings),
      refusal('account_not_linked'),
      JSON.stringify(bad),
    );
  }
  assert.equal(accountFor({ ...claims, email: undefined }, { ...settings, emailDomains: [] }).name, 'alice');
});

test('the name must be valid for an account', () => {
  for (const name of [undefined, '', 'a b', 'x'.repeat(65), '../a', 7, ['alice'], { toString: 'alice' }]) {
    const given = { ...claims, preferred_username: name };
    assert.throws(
      () => accountFor(given, settings),
      refusal('account_not_linked', /no valid name for an account/),
    );
  }
});
