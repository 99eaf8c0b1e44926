// The rules for the metadata of a client (RFC 7591 §2, RFC 8252, RFC 9700 §2.1).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireConsistent } from '../../../src/oauth/client/client-rules.ts';
import type { ClientMetadata } from '../../../src/oauth/store/rows.ts';
import { refusal } from '../../support/errors.ts';

const web: ClientMetadata = {
  grants: ['authorization_code'],
  authMethod: 'client_secret_basic',
  applicationType: 'web',
  redirectUris: ['https://shop.example/callback'],
  postLogoutRedirectUris: [],
  scopes: [],
  keys: [],
  certificateBoundTokens: false,
  dpopBoundTokens: false,
  backchannelLogoutUri: null,
};

const check = (change: Partial<ClientMetadata>, service: string | null = null) =>
  requireConsistent({ service, metadata: { ...web, ...change } });

test('accepts a web app, and a native app on the loopback interface or with its own scheme', () => {
  check({});
  const native = { applicationType: 'native', authMethod: 'none' } as const;
  for (const uri of [
    'http://127.0.0.1/cb',
    'http://[::1]:8080/cb',
    'com.example.app:/cb',
    'https://app.example/cb',
  ]) {
    check({ ...native, redirectUris: [uri] });
  }
});

for (const [what, change, message] of [
  ['no redirect URI', { redirectUris: [] }, /belong together/],
  ['a redirect URI without the grant', { grants: ['device_code'] }, /belong together/],
  ['http', { redirectUris: ['http://shop.example/'] }, /must begin with https/],
  [
    'http on the loopback interface of a web app',
    { redirectUris: ['http://127.0.0.1/'] },
    /must begin with https/,
  ],
  ['a fragment', { redirectUris: ['https://shop.example/#x'] }, /fragment/],
  ['a user name', { redirectUris: ['https://a:b@shop.example/'] }, /user name/],
  ['a space', { redirectUris: ['https://shop.example/call back'] }, /character that a URI may not have/],
  ['a backslash', { redirectUris: ['https://shop.example\\@evil.example/'] }, /character that a URI/],
  ['a line break', { redirectUris: ['https://shop.example/\n'] }, /character that a URI may not have/],
  ['a letter beyond ASCII', { redirectUris: ['https://shöp.example/'] }, /character that a URI may not/],
  ['a percent sign alone', { redirectUris: ['https://shop.example/%'] }, /character that a URI may not/],
  ['a wildcard', { redirectUris: ['https://*.shop.example/'] }, /has a wildcard: name each/],
  ['no URI', { redirectUris: ['callback'] }, /not a URI/],
  [
    'http beyond loopback of a native app',
    { applicationType: 'native', redirectUris: ['http://x.example/'] },
    /beyond/,
  ],
  [
    'a scheme without a dot',
    { applicationType: 'native', redirectUris: ['myapp:/cb'] },
    /scheme without a dot/,
  ],
  ['private_key_jwt without keys', { authMethod: 'private_key_jwt' }, /belong together/],
  ['tls_client_auth without a service', { authMethod: 'tls_client_auth' }, /needs the service/],
  ['both bindings', { certificateBoundTokens: true, dpopBoundTokens: true }, /not to both/],
  ['a back channel over http', { backchannelLogoutUri: 'http://shop.example/' }, /must begin with https/],
] as [string, Partial<ClientMetadata>, RegExp][]) {
  test(`refuses ${what}`, () => {
    assert.throws(() => check(change), refusal('unprocessable', message));
  });
}

test('refuses a client that acts as a service or exchanges tokens without authentication', () => {
  const open = { authMethod: 'none' } as const;
  assert.throws(() => check(open, 'robot'), refusal('unprocessable', /acts as a service/));
  const exchanging = {
    ...open,
    grants: ['authorization_code', 'token_exchange'] as ClientMetadata['grants'],
  };
  assert.throws(() => check(exchanging), refusal('unprocessable', /exchanges tokens/));
});
