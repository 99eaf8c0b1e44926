// The admin API of the authority, and the renewal by a holder over mutual TLS.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import type { Ca } from '../../../src/ca/index.ts';
import { fetchAdmin, issue, OPERATOR, openCa, requestFor } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

interface Shown {
  serial: string;
  status: string;
  reason: string | null;
  names: string[];
  notAfter: string;
  owner: { kind: string; name: string } | null;
  certificate: string;
  chain: string;
  code?: string;
  detail?: string;
}

async function ask(
  ca: Ca,
  route: [string, string],
  body?: unknown,
  clientCertificate?: Uint8Array,
): Promise<{ status: number; shown: Shown }> {
  const response = await fetchAdmin(ca, route, body, clientCertificate);
  return { status: response.status, shown: (await response.json()) as Shown };
}

const ISSUE: [string, string] = ['POST', '/admin/certificates'];
const RENEW: [string, string] = ['POST', '/ca/renew'];

test('answers a request with 201 and the certificate, its chain, its serial number and its expiry', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { pem } = requestFor(['api.example.com']);
  const { status, shown } = await ask(ca, ISSUE, { request: pem, lifetimeSeconds: 3600 });
  assert.equal(status, 201);
  assert.equal(readCertificate(shown.certificate).serialNumber, shown.serial);
  assert.ok(shown.chain.startsWith(shown.certificate));
  assert.equal(shown.status, 'valid');
  assert.equal(Date.parse(shown.notAfter), Math.floor(store.clock.now() / 1000) * 1000 + 3_600_000);
});

test('the first name is the owner of a client certificate, and the workers know it before the answer', async (t) => {
  const ca = await openCa(await createStore(t));
  const { pem } = requestFor([], { subject: 'other' });
  const { shown } = await ask(ca, ISSUE, {
    request: pem,
    profile: 'client',
    names: ['billing'],
    roles: ['user'],
  });
  assert.deepEqual(shown.owner, { kind: 'service', name: 'billing' });
  assert.deepEqual(ca.sections.certificates.entries.get(String(shown.serial))?.isRevoked, false);
});

for (const { what, body, status, code, detail } of [
  {
    what: 'a text that is no request',
    body: { request: 'nonsense' },
    status: 422,
    code: 'unprocessable',
    detail: /^request: /,
  },
  {
    what: 'a truncated request',
    body: { request: requestFor(['a.example.com']).pem.slice(0, 200) },
    status: 422,
    code: 'unprocessable',
    detail: /PEM/,
  },
  {
    what: 'a huge request',
    body: { request: 'x'.repeat(70_000) },
    status: 422,
    code: 'unprocessable',
    detail: /request/,
  },
  {
    what: 'an unknown profile',
    body: { request: requestFor(['a.example.com']).pem, profile: 'vip' },
    status: 404,
    code: 'not_found',
    detail: /vip/,
  },
  {
    what: 'roles for a server',
    body: { request: requestFor(['a.example.com']).pem, roles: ['user'] },
    status: 422,
    code: 'unprocessable',
    detail: /has no roles/,
  },
  {
    what: 'an unknown field',
    body: { request: requestFor(['a.example.com']).pem, isCa: true },
    status: 422,
    code: 'unprocessable',
    detail: /isCa/,
  },
]) {
  test(`${what} is refused with ${status} and a reason`, async (t) => {
    const ca = await openCa(await createStore(t));
    const { status: answered, shown } = await ask(ca, ISSUE, body);
    assert.equal(answered, status);
    assert.equal(shown.code, code);
    assert.match(shown.detail ?? '', detail);
  });
}

test('a certificate is shown, revoked with a reason, and then shown as revoked', async (t) => {
  const ca = await openCa(await createStore(t));
  const { serialNumber } = await issue(ca, ['api.example.com']);
  const path = `/admin/certificates/${serialNumber}`;
  assert.equal((await ask(ca, ['GET', path])).shown.status, 'valid');
  const colons = serialNumber.toUpperCase().replace(/..(?=.)/g, '$&:');
  const { shown } = await ask(ca, ['POST', `/admin/certificates/${colons}/revoke`], {
    reason: 'keyCompromise',
  });
  assert.equal(shown.status, 'revoked');
  assert.equal(shown.reason, 'keyCompromise');
  assert.equal((await ask(ca, ['GET', path])).shown.status, 'revoked');
  assert.equal((await ask(ca, ['POST', `${path}/revoke`], {})).status, 409);
  assert.equal((await ask(ca, ['POST', `${path}/revoke`], { reason: 'because' })).status, 422);
  assert.equal((await ask(ca, ['GET', '/admin/certificates/00'])).status, 404);
});

test('the list has pages, without the texts of certificates', async (t) => {
  const ca = await openCa(await createStore(t));
  for (const name of ['a', 'b', 'c']) await issue(ca, [`${name}.example.com`]);
  interface Page {
    certificates: Shown[];
    next: string | null;
  }
  const page = async (query: string) =>
    (await (await fetchAdmin(ca, ['GET', `/admin/certificates?${query}`])).json()) as Page;
  const seen: string[] = [];
  let after = '';
  for (;;) {
    const { certificates, next } = await page(`limit=2${after}`);
    assert.ok(certificates.every((shown) => shown.certificate === undefined && shown.chain === undefined));
    seen.push(...certificates.map(({ serial }) => serial));
    if (next === null) break;
    after = `&after=${next}`;
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, 7, 'root, intermediate, server, ocsp and three');
  assert.equal((await fetchAdmin(ca, ['GET', '/admin/certificates?after=x'])).status, 422);
});

test('a holder renews over mutual TLS: same names and owner, new key, and the ledger names the renewed certificate', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const owner = { kind: 'service', name: 'billing' } as const;
  const old = await issue(ca, ['billing.example.com'], { profile: 'client', owner });
  const { pem } = requestFor(['other.example.com'], { subject: 'admin' });
  const { status, shown } = await ask(ca, RENEW, { request: pem }, readCertificate(old.pem).der);
  assert.equal(status, 201);
  assert.deepEqual(shown.owner, owner);
  assert.deepEqual(shown.names, old.names);
  assert.equal(readCertificate(shown.certificate).subject.text, 'CN=billing');
  assert.deepEqual(store.published.at(-1)?.data.renews, old.serialNumber);
  assert.equal(store.published.at(-1)?.actor.name, 'billing');
});

test('a renewal needs a certificate that was issued here, is valid and not revoked, and whose owner still exists', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const stranger = await openCa(await createStore(t));
  const body = { request: requestFor(['a.example.com']).pem };
  const der = (pem: string) => readCertificate(pem).der;
  assert.equal((await ask(ca, RENEW, body)).status, 401);
  const foreign = await issue(stranger, ['a.example.com']);
  assert.match((await ask(ca, RENEW, body, der(foreign.pem))).shown.detail ?? '', /not issued here/);
  const revoked = await issue(ca, ['a.example.com']);
  await ca.certificates.revoke(revoked.serialNumber, 'superseded', { kind: 'operator', name: 'local' });
  assert.match((await ask(ca, RENEW, body, der(revoked.pem))).shown.detail ?? '', /was revoked/);
  const owner = { kind: 'user', name: 'gone' } as const;
  const orphan = await issue(ca, ['x.example.com'], { profile: 'client', owner });
  assert.match((await ask(ca, RENEW, body, der(orphan.pem))).shown.detail ?? '', /removed or disabled/);
  const old = await issue(ca, ['a.example.com']);
  store.clock.advance(25 * 3600);
  assert.match((await ask(ca, RENEW, body, der(old.pem))).shown.detail ?? '', /expired/);
});

test('checks a renewal when it is recorded, not when it began', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const old = await issue(ca, ['a.example.com']);
  const { request } = requestFor(['a.example.com']);
  // Both are in the same batch, the revocation first.
  const revocation = ca.certificates.revoke(old.serialNumber, 'superseded', OPERATOR);
  const renewal = ca.certificates.renew(old.serialNumber, request, { actor: OPERATOR });
  await assert.rejects(renewal, refusal('conflict', /revoked/));
  await revocation;
  assert.equal((await ca.certificates.list({ name: 'a.example.com', limit: 10 })).length, 1);
});

test('the holder of a certificate from ACME cannot renew it here, but must order it there again', async (t) => {
  const ca = await openCa(await createStore(t));
  const old = await issue(ca, ['a.example.com'], { source: 'acme' });
  const body = { request: requestFor(['a.example.com']).pem };
  const { status, shown } = await ask(ca, RENEW, body, readCertificate(old.pem).der);
  assert.equal(status, 403);
  assert.match(shown.detail ?? '', /order it there again/);
});

test('a key that was revoked as compromised is never certified again', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { pem } = requestFor(['a.example.com']);
  const { shown } = await ask(ca, ISSUE, { request: pem });
  await ask(ca, ['POST', `/admin/certificates/${shown.serial}/revoke`], { reason: 'keyCompromise' });
  assert.match((await ask(ca, ISSUE, { request: pem })).shown.detail ?? '', /compromised/);
  const restarted = await openCa(store);
  assert.equal((await ask(restarted, ISSUE, { request: pem })).status, 422);
});

test('an administrator can renew certificates that a holder cannot, but not revoked ones', async (t) => {
  const ca = await openCa(await createStore(t));
  const old = await issue(ca, ['api.example.com']);
  const path: [string, string] = ['POST', `/admin/certificates/${old.serialNumber}/renew`];
  const body = { request: requestFor(['x.example.com']).pem };
  const { status, shown } = await ask(ca, path, body);
  assert.equal(status, 201);
  assert.deepEqual(shown.names, ['api.example.com']);
  await ca.certificates.revoke(old.serialNumber, 'superseded', { kind: 'operator', name: 'local' });
  assert.equal((await ask(ca, path, body)).status, 409);
});
