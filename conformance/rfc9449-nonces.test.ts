// Nonces for DPoP proofs at the gateway (RFC 9449 §9), with the clients of openid-client and oauth4webapi,
// which repeat a request with the nonce of the answer by themselves.
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { createDpopClient } from '../packages/access/test/support/dpop-client.ts';
import { boundCaller } from './support/dpop-token.ts';
import { ask } from './support/https-client.ts';
import { oauthAt } from './support/oauth-client.ts';
import { ownTokens } from './support/own-tokens.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
for (const path of ['/each', '/plain']) {
  upstream.on(path, (_request, response) => response.setHeader('DPoP-Nonce', 'of the upstream').end());
}
const routes = [
  { path: '/strong', require: 'mfa' },
  { path: '/*', cors: { origins: ['https://app.example'] } },
];
const server = await startServer({
  upstream: upstream.origin,
  set: [`gateway.routes=${JSON.stringify(routes)}`, 'gateway.workers=3', 'gateway.dpop.requireNonce=true'],
});
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, gateway, fetch, register } = oauthAt(server);
const registered = await register({
  grants: ['client_credentials'],
  roles: ['admin'],
  dpopBoundTokens: true,
});
const config = await openid.discovery(
  new URL(issuer),
  registered.client_id,
  registered.client_secret,
  undefined,
  {
    [openid.customFetch]: fetch as never,
  },
);
const keys = await openid.randomDPoPKeyPair('ES256');
const handle = openid.getDPoPHandle(config, keys);
const { access_token: token } = await openid.clientCredentialsGrant(config, {}, { DPoP: handle });

const call = (path: string, method = 'GET') =>
  openid.fetchProtectedResource(config, token, new URL(`${gateway}${path}`), method, null, undefined, {
    DPoP: handle,
  });

const caller = await boundCaller({ ...server, gateway, control: issuer }, registered);
const proved = async (path: string, nonce?: string) => caller.get(path, await caller.proof(path, { nonce }));

it('openid-client gets a nonce for its first proof, and repeats the request by itself', async () => {
  assert.equal((await call('/notes')).status, 200);
  assert.equal(upstream.saw('/notes').length, 1, 'only the request with the nonce reaches the upstream');
  assert.equal((await call('/notes', 'POST')).status, 200);
});

it('oauth4webapi recognises the challenge', async () => {
  const dpop = oauth.DPoP({}, keys);
  const options = { DPoP: dpop, [oauth.customFetch]: fetch as never };
  const request = () =>
    oauth.protectedResourceRequest(token, 'GET', new URL(`${gateway}/again`), undefined, null, options);
  await assert.rejects(request(), oauth.isDPoPNonceError);
  assert.equal((await request()).status, 200);
});

it('a proof without a nonce, or with another, gets use_dpop_nonce and a nonce, which is no denial', async () => {
  for (const nonce of [undefined, 'another']) {
    const answer = await proved('/refused', nonce);
    assert.deepEqual([answer.status, answer.json().code], [401, 'dpop_nonce_required']);
    assert.match(String(answer.headers['www-authenticate']), /^DPoP algs="[^"]+", error="use_dpop_nonce"/);
    assert.match(String(answer.headers['dpop-nonce']), /^[A-Za-z0-9_-]{24}$/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  assert.deepEqual(upstream.saw('/refused'), []);
  const entries = (await server.admin('GET', '/admin/audit?limit=50')) as unknown as { type: string }[];
  assert.ok(!JSON.stringify(entries).includes('dpop_nonce_required'));
});

it('every process accepts the nonce of every other, and each answer has the one for the next proof', async () => {
  const nonce = String((await proved('/x')).headers['dpop-nonce']);
  for (let count = 0; count < 12; count += 1) {
    const answer = await proved('/each', nonce);
    assert.equal(answer.status, 200, answer.text());
    assert.notEqual(answer.headers['dpop-nonce'], 'of the upstream');
  }
});

it('a request without a proof gets no nonce, but the fields of CORS', async () => {
  const { key } = await server.createKey(['user']);
  const answer = await ask({ ...server, path: '/plain', headers: { 'x-api-key': key } });
  assert.deepEqual([answer.status, answer.headers['dpop-nonce']], [200, 'of the upstream']);
  assert.equal(answer.headers.vary, 'Origin');
});

it('a caller with DPoP is asked for a stronger sign-in in its own scheme (RFC 9470 §3)', async () => {
  const nonce = String((await proved('/x')).headers['dpop-nonce']);
  const answer = await proved('/strong', nonce);
  assert.equal(answer.status, 401);
  assert.match(
    String(answer.headers['www-authenticate']),
    /^DPoP realm="gatehouse", error="insufficient_user_authentication", acr_values="mfa"/,
  );
});

it('the control listener asks for nonces, too', async () => {
  const { name } = await server.createUser(['admin']);
  const key = await createDpopClient(Date.now);
  const bound = await (await ownTokens(server))(name, { cnf: { jkt: key.thumbprint } });
  const path = '/admin/users';
  const request = async (nonce?: string) => {
    const dpop = await key.prove(bound, { htu: issuer + path, nonce });
    const headers = { authorization: `DPoP ${bound}`, dpop };
    return ask({ ca: server.ca, port: server.controlPort, path, headers });
  };
  const first = await request();
  assert.deepEqual([first.status, first.json().code], [401, 'dpop_nonce_required']);
  assert.match(String(first.headers['www-authenticate']), /DPoP algs="[^"]+", error="use_dpop_nonce"/);
  assert.equal((await request(String(first.headers['dpop-nonce']))).status, 200);
});
