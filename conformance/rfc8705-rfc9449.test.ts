// Clients that authenticate with a key, and tokens that are bound to one: private_key_jwt (RFC 7523), client
// certificates of our authority (RFC 8705), and DPoP with nonces (RFC 9449).
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { after, it } from 'node:test';
import * as oauth from 'oauth4webapi';
import { forge, issue, type TestCertificate } from './support/certificates.ts';
import { ask } from './support/https-client.ts';
import { basic, claimsOf, oauthAt, type RegisteredClient } from './support/oauth-client.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const server = await startServer({ upstream: upstream.origin, set: ['oauth.requireDpopNonce=true'] });
after(() => Promise.all([server.stop(), upstream.close()]));

const { issuer, fetch, register } = oauthAt(server);
const { controlPort: port, ca } = server;
const options = { [oauth.customFetch]: fetch as never };
const as = await oauth.processDiscoveryResponse(
  new URL(issuer),
  await oauth.discoveryRequest(new URL(issuer), { ...options, algorithm: 'oauth2' }),
);
const FORM = 'application/x-www-form-urlencoded';

it('oauth4webapi authenticates with private_key_jwt, and the same assertion works only once', async () => {
  const { publicKey, privateKey } = (await crypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair;
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  const client = await register({
    grants: ['client_credentials'],
    authMethod: 'private_key_jwt',
    keys: [{ kty, crv, x, y, kid: 'one' }],
    scopes: ['notes:read'],
  });
  let sent = '';
  const watching = {
    [oauth.customFetch]: ((url: string, init: RequestInit) => {
      sent = String(init.body);
      return fetch(url, init);
    }) as never,
  };
  const authentication = oauth.PrivateKeyJwt({ key: privateKey, kid: 'one' });
  const tokens = await oauth.processClientCredentialsResponse(
    as,
    client,
    await oauth.clientCredentialsGrantRequest(as, client, authentication, {}, watching),
  );
  const { sub, scope } = claimsOf(tokens.access_token);
  assert.deepEqual([sub, scope], [client.name, 'notes:read']);
  const headers = { 'content-type': FORM };
  const twice = await ask({ port, ca, path: '/oauth/token', method: 'POST', headers, body: sent });
  assert.ok(twice.status === 400 || twice.status === 401, 'the assertion was used before');
});

function withCertificate(client: Pick<RegisteredClient, 'client_id'>, certificate?: TestCertificate) {
  const agent = new Agent({
    keepAlive: false,
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
  });
  const body = `grant_type=client_credentials&client_id=${client.client_id}`;
  const headers = { 'content-type': FORM };
  return ask({ port, ca, path: '/oauth/token', method: 'POST', headers, body, agent });
}

it('a client with a certificate of our authority gets tokens that are bound to it (RFC 8705)', async () => {
  const certificate = await issue(server.data, 'backup');
  const client = await register({
    grants: ['client_credentials'],
    service: 'backup',
    authMethod: 'tls_client_auth',
    certificateBoundTokens: true,
  });
  const answer = await withCertificate(client, certificate);
  assert.equal(answer.status, 200, answer.text());
  const thumbprint = createHash('sha256')
    .update(new X509Certificate(certificate.cert).raw)
    .digest('base64url');
  const claims = claimsOf(answer.json().access_token);
  assert.deepEqual([claims.sub, claims.cnf], ['backup', { 'x5t#S256': thumbprint }]);
});

it('refuses a token without a certificate, and with one of another service, a forged and a revoked one', async () => {
  const client = await register({
    grants: ['client_credentials'],
    service: 'mailer',
    authMethod: 'tls_client_auth',
  });
  const own = await issue(server.data, 'mailer');
  assert.equal((await withCertificate(client, own)).status, 200);
  assert.deepEqual((await withCertificate(client)).json().error, 'invalid_client');
  assert.deepEqual(
    (await withCertificate(client, await issue(server.data, 'other'))).json().error,
    'invalid_client',
  );
  const forged = await withCertificate(client, forge(server.data, 'mailer')).catch(() => undefined);
  assert.notEqual(forged?.status, 200);
  await server.admin('POST', `/admin/certificates/${own.serial}/revoke`, { reason: 'keyCompromise' });
  const revoked = await withCertificate(client, own).catch(() => undefined);
  assert.notEqual(revoked?.status, 200);
});

/** A request for a token with only the client's secret. */
function askWithSecretAlone(client: Parameters<typeof basic>[0]) {
  const headers = { 'content-type': FORM, authorization: basic(client) };
  const body = 'grant_type=client_credentials';
  return ask({ port, ca, path: '/oauth/token', method: 'POST', headers, body });
}

it('a client that binds tokens to its certificate gets none without it, although its secret is right', async () => {
  const client = await register({ grants: ['client_credentials'], certificateBoundTokens: true });
  const answer = await askWithSecretAlone(client);
  assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_grant']);
});

it('oauth4webapi gets a DPoP-bound token with a nonce of the server (RFC 9449 §8)', async () => {
  const client = await register({ grants: ['client_credentials'], dpopBoundTokens: true });
  const keys = await oauth.generateKeyPair('ES256', { extractable: true });
  const dpop = oauth.DPoP({}, keys);
  const request = () =>
    oauth.clientCredentialsGrantRequest(
      as,
      client,
      oauth.ClientSecretBasic(client.client_secret),
      {},
      {
        ...options,
        DPoP: dpop,
      },
    );
  const first = await request();
  await assert.rejects(oauth.processClientCredentialsResponse(as, client, first), oauth.isDPoPNonceError);
  const tokens = await oauth.processClientCredentialsResponse(as, client, await request());
  assert.equal(tokens.token_type, 'dpop');
  const { jkt } = claimsOf(tokens.access_token).cnf as { jkt: string };
  assert.equal(typeof jkt, 'string');
});

it('a client whose tokens must be bound to a key gets none without a proof', async () => {
  const client = await register({ grants: ['client_credentials'], dpopBoundTokens: true });
  const answer = await askWithSecretAlone(client);
  assert.deepEqual([answer.status, answer.json().error], [400, 'invalid_grant']);
});

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });

function proof(claims: object, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = { alg: 'ES256', typ: 'dpop+jwt', jwk: { kty, crv, x, y }, ...header };
  const input = `${part(head)}.${part({ htm: 'POST', htu: `${issuer}/oauth/token`, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID(), ...claims })}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

it('a proof for another URL or method, too old, malformed, used twice, or with a private key is refused', async () => {
  const client = await register({ grants: ['client_credentials'] });
  const send = (dpop: string) => {
    const headers = { 'content-type': FORM, authorization: basic(client), dpop };
    return ask({
      port,
      ca,
      path: '/oauth/token',
      method: 'POST',
      headers,
      body: 'grant_type=client_credentials',
    });
  };
  const nonce = String((await send(proof({}))).headers['dpop-nonce']);
  const good = proof({ nonce });
  assert.equal((await send(good)).status, 200);
  const wrong = {
    'used twice': good,
    'another URL': proof({ nonce, htu: 'https://evil.example/oauth/token' }),
    'another method': proof({ nonce, htm: 'GET' }),
    'a foreign nonce': proof({ nonce: 'nonsense' }),
    'no nonce and old': proof({ iat: 1 }),
    'another type': proof({ nonce }, { typ: 'JWT' }),
    'no algorithm': proof({ nonce }, { alg: 'none' }),
    'a private key': proof({ nonce }, { jwk: privateKey.export({ format: 'jwk' }) }),
    malformed: 'a.b.c',
    'two proofs': `${proof({ nonce })}, ${proof({ nonce })}`,
  };
  for (const [what, text] of Object.entries(wrong)) {
    const answer = await send(text);
    assert.equal(answer.status, 400, what);
    assert.match(String(answer.json().error), /^(?:invalid_dpop_proof|use_dpop_nonce|invalid_grant)$/, what);
  }
});
