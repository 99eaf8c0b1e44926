// Clients that register themselves (RFC 7591): only if a setting allows it, and they wait for approval.
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import * as openid from 'openid-client';
import { ask } from './support/https-client.ts';
import { oauthAt } from './support/oauth-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['oauth.registration=true'] });
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, fetch } = oauthAt(server);
const { controlPort: port, ca, admin } = server;
const CALLBACK = 'https://app.example/callback';

function register(body: unknown) {
  const headers = { 'content-type': 'application/json' };
  return ask({ port, ca, path: '/oauth/register', method: 'POST', headers, body: JSON.stringify(body) });
}

const authorize = (id: string) =>
  ask({
    port,
    ca,
    path: `/oauth/authorize?client_id=${id}&redirect_uri=${encodeURIComponent(CALLBACK)}&response_type=code&scope=openid&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`,
  });

it('openid-client registers; the client can do nothing until an administrator approves it', async () => {
  const config = await openid.dynamicClientRegistration(
    new URL(issuer),
    { redirect_uris: [CALLBACK], client_name: 'My app', scope: 'notes:read' },
    undefined,
    { [openid.customFetch]: fetch as never },
  );
  const { client_id: id } = config.clientMetadata();
  assert.equal((await authorize(id)).status, 400);
  const [waiting] = (await admin('GET', '/admin/clients')) as unknown as { name: string; state: string }[];
  assert.deepEqual([waiting?.state, waiting?.name.startsWith('my-app-')], ['waiting', true]);
  await admin('PUT', `/admin/clients/${id}/disabled`, { disabled: false });
  assert.equal((await authorize(id)).status, 303);
});

it('a client that registers itself never gets the scope for administration, not even when it is approved', async () => {
  const answer = await register({ redirect_uris: [CALLBACK], scope: 'notes:read gatehouse:admin' });
  const { client_id: id, scope } = answer.json();
  assert.equal(scope, 'notes:read');
  await admin('PUT', `/admin/clients/${id}/disabled`, { disabled: false });
  for (const wish of ['openid', 'openid gatehouse:admin']) {
    const query = new URLSearchParams({ scope: wish, resource: issuer });
    const refused = await ask({
      port,
      ca,
      path: `/oauth/authorize?client_id=${id}&redirect_uri=${encodeURIComponent(CALLBACK)}&response_type=code&${query}&code_challenge=${'x'.repeat(43)}&code_challenge_method=S256`,
    });
    const error = new URL(String(refused.headers.location), issuer).searchParams.get('error');
    assert.match(String(error), /^invalid_(?:scope|target)$/, wish);
  }
});

it('refuses mistakes with the codes of the standard (§3.2.2)', async () => {
  for (const [body, error] of [
    [{}, 'invalid_redirect_uri'],
    [{ redirect_uris: [] }, 'invalid_redirect_uri'],
    [{ redirect_uris: ['http://app.example/'] }, 'invalid_redirect_uri'],
    [{ redirect_uris: [`${CALLBACK}#x`] }, 'invalid_redirect_uri'],
    [{ redirect_uris: [CALLBACK], grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    [{ redirect_uris: [CALLBACK], grant_types: ['implicit'] }, 'invalid_client_metadata'],
    [{ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata'],
    [{ redirect_uris: [CALLBACK], client_name: 5 }, 'invalid_client_metadata'],
    [[], 'invalid_request'],
    ['x', 'invalid_request'],
  ] as const) {
    const answer = await register(body);
    assert.ok(answer.status >= 400 && answer.status < 500, JSON.stringify(body));
    assert.equal(answer.json().error, error, JSON.stringify(body));
  }
});

it('limits the number of waiting clients', async () => {
  let status = 201;
  for (let count = 0; count < 110 && status === 201; count += 1) {
    ({ status } = await register({ redirect_uris: [CALLBACK] }));
  }
  assert.equal(status, 429);
});
