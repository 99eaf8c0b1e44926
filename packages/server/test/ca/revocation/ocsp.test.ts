// The OCSP responder: a revoked delegate signs no more answers, and no answer is valid longer than its
// certificate or its signer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOcspRequest, readCertificate, readOcspResponse, verifyOcspResponse } from '@gatehouse/x509';
import type { Ca, Certificate } from '../../../src/ca/index.ts';
import { fetchAdmin, fetchPublic, issue, OPERATOR, openCa, renewal } from '../../support/ca.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore } from '../../support/store.ts';

const DAY_SECONDS = 86_400;

async function ask(ca: Ca, store: TestStore, { pem, chain }: Certificate, nonce?: Uint8Array) {
  const question = { certificate: pem, issuer: chain.slice(pem.length), ...(nonce && { nonce }) };
  const response = await fetchPublic(ca, '/ocsp', createOcspRequest(question));
  const [, maxAge = '0'] = /max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '') ?? [];
  return { ...read(new Uint8Array(await response.arrayBuffer()), store, question), maxAge: Number(maxAge) };
}

type Question = Parameters<typeof createOcspRequest>[0];

function read(der: Uint8Array, store: TestStore, question: Question) {
  const response = readOcspResponse(der);
  const { status } = verifyOcspResponse(response, { ...question, at: new Date(store.clock.now()) });
  const [answer] = response.basic?.answers ?? [];
  const [signer] = (response.basic?.certificates ?? []).map((each) => readCertificate(each));
  assert.ok(answer?.nextUpdate && signer);
  return { status, signer, nextUpdate: answer.nextUpdate, thisUpdate: answer.thisUpdate };
}

function staple(ca: Ca, store: TestStore) {
  const { identity, pem } = ca.serverCertificate();
  assert.ok(identity.ocspResponse);
  const question = { certificate: pem, issuer: identity.certificateChain.slice(pem.length) };
  return read(identity.ocspResponse, store, question);
}

for (const [what, nonce] of [
  ['with a nonce', Buffer.alloc(16, 1)],
  ['without a nonce', undefined],
] as const) {
  test(`a revoked delegate signs no more answers, ${what}, and another signs at once`, async (t) => {
    const store = await createStore(t);
    const ca = await openCa(store);
    const issued = await issue(ca, ['api.example.com']);
    const { signer: old } = await ask(ca, store, issued, nonce);
    await ca.certificates.revoke(old.serialNumber, 'keyCompromise', OPERATOR);
    const { signer, status } = await ask(ca, store, issued, nonce);
    assert.equal(status, 'good');
    assert.notEqual(signer.serialNumber, old.serialNumber);
    assert.notDeepEqual(signer.spki, old.spki);
  });
}

test('the stapled answer of a revoked delegate is replaced before the answer to the revocation', async (t) => {
  const store = await createStore(t);
  let presented = '';
  const ca: Ca = await openCa(store, {}, async () => {
    presented = Buffer.from(ca.serverCertificate().identity.ocspResponse ?? []).toString('hex');
  });
  const { serialNumber } = ca.serverCertificate();
  const { signer: old } = staple(ca, store);
  await ca.certificates.revoke(old.serialNumber, 'keyCompromise', OPERATOR);
  assert.notEqual(staple(ca, store).signer.serialNumber, old.serialNumber);
  assert.equal(ca.serverCertificate().serialNumber, serialNumber);
  assert.equal(presented, Buffer.from(ca.serverCertificate().identity.ocspResponse ?? []).toString('hex'));
});

test('revoking an intermediate replaces the delegate that it had signed', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  const { signer: old } = await ask(ca, store, issued);
  await fetchAdmin(ca, ['POST', '/admin/ca/rotate'], {});
  const issuer = readCertificate(issued.chain.slice(issued.pem.length));
  await ca.certificates.revoke(issuer.serialNumber, 'cACompromise', OPERATOR);
  const { signer, status } = await ask(ca, store, issued);
  assert.notEqual(signer.serialNumber, old.serialNumber);
  assert.equal(status, 'good', 'the intermediate is on the list of the root (RFC 6960 §2.2)');
});

test('an answer expires with its certificate, and caches may use it for half of that time', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { ocspLifetime: DAY_SECONDS });
  const issued = await issue(ca, ['api.example.com'], { notAfter: new Date(store.clock.now() + 600_000) });
  const { nextUpdate, maxAge } = await ask(ca, store, issued);
  assert.deepEqual(nextUpdate, issued.notAfter);
  assert.ok(maxAge > 290 && maxAge <= 300, String(maxAge));
  const longer = await issue(ca, ['api.example.com'], {
    notAfter: new Date(store.clock.now() + 2 * DAY_SECONDS * 1000),
  });
  assert.equal((await ask(ca, store, longer)).nextUpdate.getTime(), store.clock.now() + DAY_SECONDS * 1000);
});

test('an answer about an expired certificate is valid only at this moment', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com'], { notAfter: new Date(store.clock.now() + 10_000) });
  store.clock.advance(60);
  const { nextUpdate, thisUpdate, maxAge, status } = await ask(ca, store, issued);
  assert.deepEqual([status, nextUpdate, maxAge], ['good', thisUpdate, 0]);
});

test('an answer expires with the certificate of its signer', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { ocspLifetime: 7 * DAY_SECONDS });
  const issued = await issue(ca, ['api.example.com'], {
    notAfter: new Date(store.clock.now() + 20 * DAY_SECONDS * 1000),
  });
  store.clock.advance(4 * DAY_SECONDS);
  await renewal(ca).run();
  const { nextUpdate, signer } = await ask(ca, store, issued, Buffer.alloc(16, 2));
  assert.deepEqual(nextUpdate, signer.notAfter);
});
