// The settings of sign-in providers: defaults and refusals.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { providerList } from '../../../src/identity/providers/provider-settings.ts';

const SSO = { name: 'sso', issuer: 'https://sso.example/realms/main', clientId: 'gatehouse' };

function problemsOf(...providers: unknown[]): string[] {
  const { error } = providerList.safeParse(providers);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);
}

test('a provider needs a name, an issuer and a client id', () => {
  const [provider] = providerList.parse([SSO]);
  assert.deepEqual(provider, {
    ...SSO,
    clientAuthentication: 'basic',
    scopes: ['openid', 'profile', 'email'],
    requireClaims: {},
    responseMode: 'query',
    promptAgain: 'login',
    trustFactors: false,
    acrLevels: {},
    signOutThere: 'offer',
  });
});

const REFUSED: [what: string, more: object, problem: RegExp][] = [
  ['a name that changes in a URL', { name: 'S/O' }, /^0\.name must have/],
  ['an issuer without TLS', { issuer: 'http://sso.example' }, /^0\.issuer must be an https URL/],
  ['an issuer with a password', { issuer: 'https://a:b@sso.example' }, /^0\.issuer must be/],
  ['an issuer with a query', { issuer: 'https://sso.example/?' }, /^0\.issuer must be/],
  [
    'the issuers of Entra ID that stand for every tenant',
    { issuer: 'https://login.microsoftonline.com/common/v2.0' },
    /^0\.issuer must name your tenant/,
  ],
  ['a claim without values', { requireClaims: { hd: [] } }, /^0\.requireClaims\.hd/],
  ['scopes without openid', { scopes: ['profile'] }, /^0\.scopes must have openid/],
  [
    'two places for the secret',
    { clientSecretFile: 'a', clientSecretVariable: 'B' },
    /clientSecretFile has the secret/,
  ],
  ['a variable that is a setting', { clientSecretVariable: 'GATEHOUSE_X' }, /does not begin with GATEHOUSE_/],
  ['classes that nothing trusts', { acrLevels: { gold: 'mfa' } }, /^0\.acrLevels must be removed/],
  ['a sign-up that gives no role', { signUp: {} }, /^0\.signUp\.roles must name roles/],
  ['a member that does not exist', { clientSecret: 'x' }, /clientSecret/],
];

for (const [what, more, problem] of REFUSED) {
  test(`refuses ${what}`, () => {
    const problems = problemsOf({ ...SSO, ...more });
    assert.equal(problems.length, 1, problems.join('; '));
    assert.match(String(problems[0]), problem);
  });
}

test('refuses two providers with one name', () => {
  assert.match(
    problemsOf(SSO, { ...SSO, issuer: 'https://other.example' }).join(),
    /another provider is also called sso/,
  );
});

test('a sign-up may be for members of groups only', () => {
  assert.deepEqual(problemsOf({ ...SSO, signUp: { groups: { staff: ['user'] } } }), []);
});
