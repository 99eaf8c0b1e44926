// DPoP (RFC 9449) at the gateway, whose processes share a port, and at the control listener: a token that is
// bound to a key needs a new proof for each request.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { DpopClient } from '../packages/access/test/support/dpop-client.ts';
import { createDpopClient } from '../packages/access/test/support/dpop-client.ts';
import { ask } from './support/https-client.ts';
import { ownTokens } from './support/own-tokens.ts';
import { startServer } from './support/server-under-test.ts';
import { startRecordingUpstream } from './support/upstreams.ts';

const upstream = await startRecordingUpstream();
const routes = [
  { path: '/public/*', access: 'public' },
  { path: '/named', host: 'api.example' },
  { path: '/*' },
];
const server = await startServer({
  upstream: upstream.origin,
  set: [`gateway.routes=${JSON.stringify(routes)}`, 'gateway.workers=3'],
});
after(() => Promise.all([server.stop(), upstream.close()]));

const user = await server.createUser(['user']);
const sign = await ownTokens(server);
const client: DpopClient = await createDpopClient(Date.now);
const token = await sign(user.name, { cnf: { jkt: client.thumbprint } });
const { gateway, control } = server.running.ready;

type Fields = Record<string, string | string[]>;
const get = (path: string, headers: Fields) => ask({ ...server, path, headers });
const proofFor = (path: string, claims: Record<string, unknown> = {}, of = token) =>
  client.prove(of, { htu: gateway + path, ...claims });

async function outcome(path: string, headers: Fields) {
  const answer = await get(path, headers);
  const code = answer.status === 200 ? undefined : answer.json().code;
  return { status: answer.status, code, challenge: String(answer.headers['www-authenticate']) };
}

describe('a token that is bound to a key', () => {
  it('is accepted with a proof, and nothing of either is forwarded; the assertion names the key', async () => {
    const dpop = await proofFor('/bound');
    assert.equal((await get('/bound', { authorization: `DPoP ${token}`, dpop })).status, 200);
    const [request] = upstream.saw('/bound');
    assert.deepEqual([request?.headers.authorization, request?.headers.dpop], [undefined, undefined]);
    const [, payload = ''] = String(request?.headers['gatehouse-assertion']).split('.');
    const { sub, amr, cnf } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([sub, amr, cnf], [user.name, ['pwd', 'pop'], { jkt: client.thumbprint }]);
  });

  it('accepts EdDSA, RS256 and PS256, too', async () => {
    for (const alg of ['EdDSA', 'RS256', 'PS256']) {
      const pair = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(pair.publicKey);
      const thumbprint = await import('jose').then(({ calculateJwkThumbprint }) =>
        calculateJwkThumbprint(jwk),
      );
      const bound = await sign(user.name, { cnf: { jkt: thumbprint } });
      const [, payload = ''] = (await proofFor('/other-key', {}, bound)).split('.');
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const dpop = await new SignJWT(claims)
        .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
        .sign(pair.privateKey);
      assert.deepEqual(
        (await outcome('/other-key', { authorization: `DPoP ${bound}`, dpop })).status,
        200,
        alg,
      );
    }
  });

  it('a proof is accepted once in all processes: of many at once, one succeeds (§11.1)', async () => {
    const headers = { authorization: `DPoP ${token}`, dpop: await proofFor('/once') };
    const statuses = await Promise.all(
      Array.from({ length: 24 }, async () => (await get('/once', headers)).status),
    );
    assert.deepEqual(
      statuses.filter((status) => status !== 401),
      [200],
    );
    assert.equal(upstream.saw('/once').length, 1);
    const { code, challenge } = await outcome('/once', headers);
    assert.equal(code, 'dpop_proof_invalid');
    assert.match(challenge, /DPoP algs="ES256 EdDSA RS256 PS256", error="invalid_dpop_proof"/);
  });

  it('is refused without a proof, and as a bearer token (§7.2)', async () => {
    assert.equal((await outcome('/x', { authorization: `DPoP ${token}` })).code, 'dpop_proof_invalid');
    assert.equal((await outcome('/x', { authorization: `Bearer ${token}` })).code, 'credential_invalid');
    const dpop = await proofFor('/x');
    assert.equal(
      (await outcome('/x', { authorization: `Bearer ${token}`, dpop })).code,
      'credential_malformed',
    );
  });

  it('refuses proofs for another request, token, key or time, and two proofs (§4.3)', async () => {
    const stranger = await createDpopClient(Date.now);
    const now = Math.floor(Date.now() / 1000);
    const proofs: Record<string, string | string[]> = {
      'another method': await proofFor('/x', { htm: 'POST' }),
      'another path': await proofFor('/y'),
      'another origin': await proofFor('/x', { htu: `https://other.example/x` }),
      http: await proofFor('/x', { htu: `${gateway.replace('https', 'http')}/x` }),
      'another token': await client.prove('a.b.c', { htu: `${gateway}/x` }),
      'another key': await stranger.prove(token, { htu: `${gateway}/x` }),
      'too old': await proofFor('/x', { iat: now - 120 }),
      'in the future': await proofFor('/x', { iat: now + 120 }),
      'no jti': await proofFor('/x', { jti: undefined }),
      'no ath': await proofFor('/x', { ath: undefined }),
      'two fields': [await proofFor('/x'), await proofFor('/x')],
      empty: '',
      'no JWS': 'nonsense',
    };
    for (const [what, dpop] of Object.entries(proofs)) {
      const { status, code } = await outcome('/x', { authorization: `DPoP ${token}`, dpop });
      assert.deepEqual([status, code], [401, 'dpop_proof_invalid'], what);
    }
    assert.deepEqual(upstream.saw('/x'), []);
  });

  it('accepts any spelling of the same path in the URL, without its query', async () => {
    const dpop = await client.prove(token, { htu: `${gateway}/%73pelled?ignored=1#x` });
    assert.equal((await get('/spelled?page=2', { authorization: `DPoP ${token}`, dpop })).status, 200);
  });

  it('refuses a proof for another host, unless a route names that host', async () => {
    const use = async (path: string, host: string) => {
      const dpop = await client.prove(token, { htu: `https://${host}${path}` });
      return (await get(path, { host, authorization: `DPoP ${token}`, dpop })).status;
    };
    assert.equal(await use('/x', 'evil.example'), 401);
    assert.equal(await use('/named', 'api.example'), 200);
  });

  it('refuses a token without a binding with DPoP', async () => {
    const plain = await sign(user.name);
    const dpop = await proofFor('/x', {}, plain);
    assert.equal((await outcome('/x', { authorization: `DPoP ${plain}`, dpop })).code, 'credential_invalid');
    assert.equal((await outcome('/x', { authorization: `Bearer ${plain}` })).status, 200);
  });

  it('refuses two credentials at once', async () => {
    const { key } = await server.createKey(['user']);
    const both = { authorization: `DPoP ${token}`, dpop: await proofFor('/x'), 'x-api-key': key };
    assert.equal((await outcome('/x', both)).code, 'credential_malformed');
  });

  it('on a public route without a valid proof, neither token nor assertion reaches the upstream', async () => {
    await get('/public/stolen', { authorization: `DPoP ${token}`, dpop: 'nonsense' });
    const [request] = upstream.saw('/public/stolen');
    assert.deepEqual(
      [request?.headers.authorization, request?.headers['gatehouse-assertion']],
      [undefined, undefined],
    );
  });

  it('the ledger has the refusals with the id of the token', async () => {
    const { entries = [] } = await server.admin('GET', '/admin/audit?limit=100');
    assert.match(JSON.stringify(entries), /"code":"dpop_proof_invalid"[^}]*"tokenId":/);
  });

  it('opens the admin API with a proof for its URL, once, also with a body', async () => {
    const admin = await server.createUser(['admin']);
    const bound = await sign(admin.name, { cnf: { jkt: client.thumbprint } });
    const dpop = await client.prove(bound, { htm: 'POST', htu: `${control}/admin/services` });
    const create = (name: string) =>
      ask({
        port: server.controlPort,
        ca: server.ca,
        path: '/admin/services',
        method: 'POST',
        headers: { authorization: `DPoP ${bound}`, dpop, 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
    assert.equal((await create('first')).status, 201);
    const again = await create('second');
    assert.deepEqual([again.status, again.json().code], [401, 'dpop_proof_invalid']);
  });
});
