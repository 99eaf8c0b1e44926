// Tokens of OAuth at the admin API: only those of a client with the admin scope.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRequest, FIRST_PARTY_CLIENT, localOperator, type Principal } from '@gatehouse/access';
import {
  asksForAdministration,
  requireAdminScope,
  withoutAdminScope,
  withoutOwnAccount,
} from '../../src/oauth/admin-scope.ts';

const principal = (client: string | undefined, ...scopes: string[]): Principal => ({
  kind: 'user',
  name: 'alice',
  roles: ['admin'],
  scopes,
  amr: ['pwd'],
  via: 'bearer',
  ...(client !== undefined && {
    tokenOrigin: { id: '1', client, clientEpoch: 0, grant: undefined, actor: undefined },
  }),
});

test('a token of another client needs the scope, also for an administrator', () => {
  for (const scopes of [[], ['openid', 'notes:read'], ['gatehouse:administrator']]) {
    assert.throws(() => requireAdminScope(principal('shop', ...scopes)), { code: 'forbidden' });
  }
  requireAdminScope(principal('cli', 'openid', 'gatehouse:admin'));
});

test('our own sign-in, keys, certificates and the local operator need no scope', () => {
  for (const each of [principal(FIRST_PARTY_CLIENT), principal(undefined), localOperator])
    requireAdminScope(each);
});

test('clients that register themselves never have the scope', () => {
  assert.deepEqual(withoutAdminScope(['notes:read', 'gatehouse:admin']), ['notes:read']);
});

test('a scope that only begins with the same text does not allow administration', () => {
  assert.equal(asksForAdministration('openid gatehouse:admin'), true);
  for (const scope of [undefined, '', 'openid', 'gatehouse:administrator', 'xgatehouse:admin'])
    assert.equal(asksForAdministration(scope), false);
});

test('a program that acts for a person can sign out, but cannot change how the person signs in', () => {
  const policy = withoutOwnAccount({
    decide: () => ({ allowed: true, reason: '', policies: [], alarms: [] }),
  });
  const may = (action: string, by: Principal) =>
    policy.decide({ action, principal: by, resource: 'server' } as unknown as AccessRequest).allowed;
  const program = principal('cli', 'gatehouse:admin');
  for (const action of ['account:EnrolTotp', 'account:RemoveTotp', 'account:RenewRecoveryCodes']) {
    assert.equal(may(action, program), false);
    assert.equal(may(action, principal(FIRST_PARTY_CLIENT)), true);
  }
  assert.equal(may('account:SignOut', program), true);
  assert.equal(may('identity:ListUsers', program), true);
});
