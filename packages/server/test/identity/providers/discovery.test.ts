// The metadata of a provider: how often it is fetched, what is refused, and what is used while the provider
// is down.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDiscovery } from '../../../src/identity/providers/discovery.ts';
import { ProviderUnreachable } from '../../../src/identity/providers/provider-fetch.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

const SETTINGS = {
  name: 'sso',
  issuer: 'https://sso.example',
  clientId: 'gatehouse',
  clientAuthentication: 'basic',
} as const;
const METADATA = {
  issuer: SETTINGS.issuer,
  authorization_endpoint: 'https://sso.example/authorize',
  token_endpoint: 'https://sso.example/token',
  jwks_uri: 'https://sso.example/jwks',
};

function setUp(more: object = {}, settings: object = {}) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const provider = { isDown: false };
  const discovered = createDiscovery(
    {
      clock,
      log: createMemoryLog().log,
      secret: () => 'x',
      async fetch(url) {
        asked.push(url);
        if (provider.isDown) throw new ProviderUnreachable('nothing listens there');
        return Response.json({ ...METADATA, ...more });
      },
    },
    { ...SETTINGS, ...settings },
  );
  return { clock, asked, provider, discovered };
}

const HOUR = 3600;
const down = refusal('provider_unavailable');

test('fetches at the first use, once for all waiting requests, and again after an hour', async () => {
  const { clock, asked, discovered } = setUp();
  assert.deepEqual(asked, []);
  await Promise.all([discovered(), discovered(), discovered()]);
  assert.deepEqual(asked, ['https://sso.example/.well-known/openid-configuration']);
  clock.advance(HOUR - 1);
  await discovered();
  assert.equal(asked.length, 1);
  clock.advance(2);
  await discovered();
  assert.equal(asked.length, 2);
});

test('uses the known metadata for a day while the provider is down, and asks every few seconds', async () => {
  const { clock, asked, provider, discovered } = setUp();
  const first = await discovered();
  provider.isDown = true;
  clock.advance(2 * HOUR);
  assert.equal((await discovered()).configuration, first.configuration);
  await discovered();
  assert.equal(asked.length, 2);
  clock.advance(23 * HOUR);
  await assert.rejects(discovered(), down);
  provider.isDown = false;
  await assert.rejects(discovered(), down, 'too soon');
  clock.advance(6);
  await discovered();
  assert.equal(asked.length, 4);
});

test('refuses the metadata of Entra ID for every tenant', async () => {
  const at = 'https://login.microsoftonline.com';
  const { discovered } = setUp({ issuer: `${at}/{tenantid}/v2.0` }, { issuer: `${at}/any/v2.0` });
  await assert.rejects(discovered(), down);
  const known = setUp({ issuer: `${at}/8d88c9c2/v2.0` }, { issuer: `${at}/8d88c9c2/v2.0` });
  await known.discovered();
});

for (const [what, more] of [
  ['another issuer', { issuer: 'https://evil.example' }],
  ['no authorization endpoint', { authorization_endpoint: undefined }],
  ['a page that is no https', { authorization_endpoint: 'http://sso.example/authorize' }],
  ['a script as its page', { authorization_endpoint: 'javascript:alert(1)' }],
  ['a token endpoint without TLS', { token_endpoint: 'http://sso.example/token' }],
  ['no keys', { jwks_uri: undefined }],
  ['members of wrong types', { token_endpoint: 7 }],
] as const) {
  test(`refuses metadata with ${what}`, async () => {
    await assert.rejects(setUp(more).discovered(), down);
  });
}
