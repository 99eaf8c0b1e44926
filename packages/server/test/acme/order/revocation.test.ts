// Revocation (RFC 8555 §7.6): who may revoke which certificates, and for which reasons.
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { generatePrivateKey } from '@gatehouse/x509';
import { exportJWK, importPKCS8 } from 'jose';
import type { TestKey } from '../support/client.ts';
import { absolute, createClient, flattened, postBody } from '../support/client.ts';
import type { Flow } from '../support/flow.ts';
import { obtain, readyOrder, signingRequest, startFlow } from '../support/flow.ts';
import { selfSigned, skipWithoutOpenssl } from '../support/self-signed.ts';
import { assertProblem } from '../support/server.ts';

const URL = '/acme/revoke-cert';

async function testKey(key: KeyObject): Promise<TestKey> {
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const jwk = await exportJWK(createPublicKey(key));
  return { alg: 'ES256', privateKey: await importPKCS8(pem, 'ES256'), jwk, thumbprint: '' };
}

/** A revocation that is signed by this key and contains it. */
async function revokeByKey({ server, client }: Flow, payload: object, key: KeyObject) {
  const signer = await testKey(key);
  const header = { alg: 'ES256', nonce: await client.nonce(), url: absolute(URL), jwk: signer.jwk };
  return postBody(server, URL, await flattened(JSON.stringify(payload), header, signer));
}

test('the account of a certificate can revoke it, once (RFC 8555 §7.6)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, serialNumber } = await obtain(flow, ['localhost']);
  const answer = await flow.client.post(URL, { certificate, reason: 4 });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, '');
  const revoked = flow.server.issuer.issued.get(serialNumber);
  assert.equal(revoked?.reason, 'superseded');
  assertProblem(await flow.client.post(URL, { certificate }), 'alreadyRevoked', 400);
});

test('a reason that is null counts as absent (RFC 8555 §7.6)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, serialNumber } = await obtain(flow, ['localhost']);
  assert.equal((await flow.client.post(URL, { certificate, reason: null })).status, 200);
  assert.equal(flow.server.issuer.issued.get(serialNumber)?.reason, 'unspecified');
});

test('the key of a certificate can revoke it even if an older copy of the inventory lacks it', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, key, serialNumber } = await obtain(flow, ['localhost']);
  const { issued } = flow.server.issuer;
  issued.delete(serialNumber);
  const answer = await revokeByKey(flow, { certificate, reason: 1 }, key);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(issued.get(serialNumber)?.reason, 'keyCompromise');
});

test('two revocations at once: one succeeds, the other gets alreadyRevoked', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate } = await obtain(flow, ['localhost']);
  const answers = await Promise.all([1, 2].map(() => flow.client.post(URL, { certificate })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
});

test('the certificate’s key revokes it without an account (RFC 8555 §7.6)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, key, serialNumber } = await obtain(flow, ['localhost']);
  const answer = await revokeByKey(flow, { certificate, reason: 1 }, key);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(flow.server.issuer.issued.get(serialNumber)?.reason, 'keyCompromise');
});

test('another key, or the key of an account that is sent as jwk, cannot revoke', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate } = await obtain(flow, ['localhost']);
  assertProblem(await revokeByKey(flow, { certificate }, generatePrivateKey('P-256')), 'unauthorized', 403);
  const header = { kid: undefined, jwk: flow.client.key.jwk };
  assertProblem(await flow.client.post(URL, { certificate }, { header }), 'unauthorized', 403);
});

test('another account with authorizations for all its names revokes it (RFC 8555 §7.6)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate } = await obtain(flow, ['localhost', 'a.localhost']);
  const other = { ...flow, client: await createClient(flow.server) };
  await other.client.register();
  const revoke = () => other.client.post(URL, { certificate });
  assertProblem(await revoke(), 'unauthorized', 403, /another account/);
  const { body } = await readyOrder(other, ['localhost']);
  assertProblem(await revoke(), 'unauthorized', 403);
  await readyOrder(other, ['a.localhost']);
  await other.client.post(body.authorizations[0] ?? '', { status: 'deactivated' });
  assertProblem(await revoke(), 'unauthorized', 403);
  await readyOrder(other, ['localhost']);
  assert.equal((await revoke()).status, 200);
});

test('authorizations do not revoke the certificate of a user or service of the same name', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, serialNumber } = await obtain(flow, ['billing.localhost']);
  const other = { ...flow, client: await createClient(flow.server) };
  await other.client.register();
  await readyOrder(other, ['billing.localhost']);
  const { issued } = flow.server.issuer;
  const known = issued.get(serialNumber);
  assert.ok(known);
  issued.set(serialNumber, { ...known, owner: { kind: 'service', name: 'billing.localhost' } });
  assertProblem(await other.client.post(URL, { certificate }), 'unauthorized', 403);
  assert.equal((await flow.client.post(URL, { certificate })).status, 200);
});

test('authorizations must be for the names in the certificate, not for those in the inventory', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, serialNumber } = await obtain(flow, ['a.localhost']);
  const other = { ...flow, client: await createClient(flow.server) };
  await other.client.register();
  await readyOrder(other, ['b.localhost']);
  const { issued } = flow.server.issuer;
  const known = issued.get(serialNumber);
  assert.ok(known);
  issued.set(serialNumber, { ...known, names: ['b.localhost'] });
  assertProblem(await other.client.post(URL, { certificate }), 'unauthorized', 403);
});

test('a compromised key is never certified again: badCSR (RFC 8555 §6.7)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate, key } = await obtain(flow, ['a.localhost']);
  assert.equal((await revokeByKey(flow, { certificate, reason: 1 }, key)).status, 200);
  const { body } = await readyOrder(flow, ['b.localhost']);
  const answer = await flow.client.post(body.finalize, { csr: signingRequest(['b.localhost'], key) });
  assertProblem(answer, 'badCSR', 400, /compromised: create a new one/);
  assert.equal(
    (await flow.client.post(body.finalize, { csr: signingRequest(['b.localhost']) })).body.status,
    'valid',
  );
});

test('an authorization that expired authorizes no revocation', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate } = await obtain(flow, ['localhost']);
  const other = { ...flow, client: await createClient(flow.server) };
  await other.client.register();
  await readyOrder(other, ['localhost']);
  flow.server.store.clock.advance(24 * 3600 + 1);
  assertProblem(await other.client.post(URL, { certificate }), 'unauthorized', 403);
});

test('reasons that a subscriber cannot give are refused (RFC 8555 §7.6)', async (t) => {
  const flow = await startFlow(t);
  const { der: certificate } = await obtain(flow, ['localhost']);
  for (const reason of [2, 6, 7, 8, 10, 11, -1, 1.5]) {
    assertProblem(
      await flow.client.post(URL, { certificate, reason }),
      'badRevocationReason',
      400,
      /0, 1, 3, 4, 5, 9/,
    );
  }
  assertProblem(await flow.client.post(URL, { certificate, reason: 'keyCompromise' }), 'malformed', 400);
});

test('a text that is no certificate is malformed', async (t) => {
  const { client } = await startFlow(t);
  for (const certificate of ['', 'AAAA', 7, undefined, 'MII=']) {
    assertProblem(await client.post(URL, { certificate }), 'malformed', 400);
  }
});

test('a certificate of another authority with the same serial number revokes nothing', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const flow = await startFlow(t);
  const { serialNumber } = await obtain(flow, ['localhost']);
  const forged = selfSigned([], ['-set_serial', `0x${serialNumber}`]);
  const [, base64 = ''] = /BEGIN CERTIFICATE-----([^-]+)---/.exec(forged.cert) ?? [];
  const certificate = Buffer.from(base64, 'base64').toString('base64url');
  assertProblem(await flow.client.post(URL, { certificate }), 'malformed', 404);
  assertProblem(await revokeByKey(flow, { certificate }, createPrivateKey(forged.key)), 'malformed', 404);
  assert.equal(flow.server.issuer.issued.get(serialNumber)?.revokedAt, undefined);
});
