import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVICE } from '../../../src/oauth/provider/client-metadata.ts';
import { mayIntrospect } from '../../../src/oauth/provider/introspection.ts';

const GATEWAY = 'https://gateway.example';
const ISSUER = 'https://issuer.example';
const web = { clientId: 'web', clientAuthMethod: 'client_secret_basic' } as const;
const service = { ...web, clientId: 'service', [SERVICE]: 'orders' };
const page = { ...service, clientId: 'page', clientAuthMethod: 'none' } as const;
const token = { kind: 'AccessToken', clientId: 'other', aud: GATEWAY };

for (const [title, client, of, expected] of [
  ['an app may introspect its own token', web, { ...token, clientId: 'web' }, true],
  ['an app may not introspect the token of another client', web, token, false],
  ['a service may introspect a token for the gateway', service, token, true],
  [
    'a service may introspect a token for several audiences',
    service,
    { ...token, aud: [ISSUER, GATEWAY] },
    true,
  ],
  ['a service may not introspect a token for the admin API', service, { ...token, aud: ISSUER }, false],
  ['a service may not introspect a token without an audience', service, { ...token, aud: undefined }, false],
  ['a service may not introspect a refresh token', service, { ...token, kind: 'RefreshToken' }, false],
  ['a public client may not introspect its own token', page, { ...token, clientId: 'page' }, false],
] as const) {
  test(`${title} (RFC 7662 §4)`, () => {
    assert.equal(mayIntrospect(client, of, { default: GATEWAY }), expected);
  });
}
