// A wrong clock is corrected: everything with a date in the future is replaced. A clock outside the life of
// the authority is reported as the cause.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  createOcspRequest,
  readCertificate,
  readOcspResponse,
  readRevocationList,
  verifyCertificate,
  verifyOcspResponse,
} from '@gatehouse/x509';
import type { Ca, Certificate } from '../../src/ca/index.ts';
import { fetchPublic, issue, OPERATOR, openCa, renewal } from '../support/ca.ts';
import { refusal } from '../support/errors.ts';
import type { TestStore } from '../support/store.ts';
import { createStore, openStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

async function list(ca: Ca) {
  const response = await fetchPublic(ca, `/crl/${ca.serverCertificate().issuerId}.crl`);
  return readRevocationList(new Uint8Array(await response.arrayBuffer()));
}

/** Asks as a client whose clock says `at`. Throws if the answer or the delegate is not valid then. */
async function status(ca: Ca, { pem, chain }: Pick<Certificate, 'pem' | 'chain'>, at: number) {
  const issuer = chain.slice(pem.length);
  const response = await fetchPublic(ca, '/ocsp', createOcspRequest({ certificate: pem, issuer }));
  const answer = readOcspResponse(new Uint8Array(await response.arrayBuffer()));
  return verifyOcspResponse(answer, { certificate: pem, issuer, at: new Date(at) });
}

/** The certificate of our listeners, verified by a client that has the root and whose clock says `at`. */
function verifyListener(ca: Ca, at: number): void {
  const { identity, pem } = ca.serverCertificate();
  const intermediates = identity.certificateChain.slice(pem.length);
  verifyCertificate({
    certificate: pem,
    intermediates,
    roots: ca.roots(),
    at: new Date(at),
    name: 'localhost',
  });
  assert.ok(identity.ocspResponse);
  verifyOcspResponse(readOcspResponse(identity.ocspResponse), {
    certificate: pem,
    issuer: intermediates,
    at: new Date(at),
  });
}

test('after a clock that was two hours ahead at the first start is corrected, nothing begins in the future', async (t) => {
  const store = await createStore(t);
  let handedOut = 0;
  const ca = await openCa(store, {}, async () => {
    handedOut += 1;
  });
  const issued = await issue(ca, ['api.example.com']);
  await status(ca, issued, store.clock.now());
  store.clock.advance(-2 * HOUR_SECONDS);
  const now = store.clock.now();
  assert.throws(() => verifyListener(ca, now), 'until the step is noticed');
  await renewal(ca).run();
  verifyListener(ca, now);
  assert.ok((await list(ca)).thisUpdate.getTime() <= now);
  assert.deepEqual(await status(ca, issued, now), { status: 'good' });
  assert.equal(handedOut, 1);
  await renewal(ca).run();
  assert.equal(handedOut, 1, 'once is enough');
});

test('a certificate that left the list only because the clock was ahead is on the next list again', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const owner = { kind: 'user', name: 'alice' } as const;
  const hers = await issue(ca, ['x.example.com'], { profile: 'client', owner });
  await ca.certificates.revoke(hers.serialNumber, 'keyCompromise', OPERATOR);
  const wrong = (hers.notAfter.getTime() - store.clock.now()) / 1000 + DAY_SECONDS;
  store.clock.advance(wrong);
  const runJobs = async () => {
    for (const job of ca.jobs) await job.run();
  };
  for (let turn = 0; turn < 2; turn += 1) {
    await runJobs();
    store.clock.advance(DAY_SECONDS);
  }
  const { entries } = ca.sections.certificates;
  assert.equal((await list(ca)).revoked.size, 0);
  assert.equal(entries.size, 0);
  store.clock.advance(-wrong - 2 * DAY_SECONDS);
  await runJobs();
  assert.ok((await list(ca)).revoked.has(hers.serialNumber));
  assert.equal(entries.get(hers.serialNumber)?.isRevoked, true, 'the gateway refuses it again');
});

test('a revocation with a future date counts from now on, in the list and in OCSP', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  store.clock.advance(2 * HOUR_SECONDS);
  await ca.certificates.revoke(issued.serialNumber, 'keyCompromise', OPERATOR);
  store.clock.advance(-2 * HOUR_SECONDS);
  await renewal(ca).run();
  const now = store.clock.now();
  const entry = (await list(ca)).revoked.get(issued.serialNumber);
  assert.equal(entry?.revokedAt.getTime(), now);
  const answer = await status(ca, issued, now);
  assert.equal(answer.status === 'revoked' && answer.revokedAt.getTime(), now);
});

test('also after a restart with the right clock, a revocation counts from now at the latest', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const earlier = await openCa(first);
  const issued = await issue(earlier, ['api.example.com']);
  first.clock.advance(2 * HOUR_SECONDS);
  await earlier.certificates.revoke(issued.serialNumber, 'keyCompromise', OPERATOR);
  await first.close();
  first.clock.advance(-2 * HOUR_SECONDS);
  const store = await openStore(path, first.clock);
  t.after(() => store.close());
  const { revoked, thisUpdate } = await list(await openCa(store));
  assert.equal(revoked.get(issued.serialNumber)?.revokedAt.getTime(), store.clock.now());
  assert.equal(thisUpdate.getTime(), store.clock.now());
});

test('an intermediate that was made days ahead is replaced, and OCSP answers for both', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { intermediateLifetime: 90 * DAY_SECONDS });
  const first = ca.serverCertificate().issuerId;
  store.clock.advance(70 * DAY_SECONDS);
  await renewal(ca).run();
  const ahead = ca.serverCertificate().issuerId;
  assert.notEqual(ahead, first);
  store.clock.advance(-70 * DAY_SECONDS);
  await renewal(ca).run();
  assert.ok(![first, ahead].includes(ca.serverCertificate().issuerId));
  verifyListener(ca, store.clock.now());
  assert.deepEqual(await status(ca, await issue(ca, ['a.example.com']), store.clock.now()), {
    status: 'good',
  });
});

const before =
  /^The clock of this machine says 2026-02-19T12:00:00\.000Z, which is before the authority's root certificate begins \(2026-02-28T12:00:00\.000Z\): set the clock \(NTP\), then try again\./;

test('with a clock before the authority begins, nothing is signed and the error names the clock; with the right clock, work continues', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { serialNumber } = ca.serverCertificate();
  store.clock.advance(-10 * DAY_SECONDS);
  await assert.rejects(renewal(ca).run(), refusal('clock_wrong', before));
  await assert.rejects(issue(ca, ['api.example.com']), refusal('clock_wrong', before));
  assert.equal(ca.serverCertificate().serialNumber, serialNumber);
  store.clock.advance(10 * DAY_SECONDS);
  await renewal(ca).run();
  verifyListener(ca, store.clock.now());
});

/** Opens the authority of a folder again, with another time of the clock. */
async function openLater(scope: Parameters<typeof createStore>[0], seconds: number, settings = {}) {
  const path = temporaryFolder(scope);
  const first = await openStore(path);
  const earlier = await openCa(first, settings);
  await first.close();
  first.clock.advance(seconds);
  const store: TestStore = await openStore(path, first.clock);
  scope.after(() => store.close());
  return { earlier, store, open: () => openCa(store, settings) };
}

test('a start with a clock before the authority begins names the clock', async (t) => {
  const { open } = await openLater(t, -10 * DAY_SECONDS);
  await assert.rejects(open(), refusal('clock_wrong', before));
});

test('a start after the end of the root says so, and names the clock', async (t) => {
  const { open } = await openLater(t, 2 * DAY_SECONDS, { rootLifetime: DAY_SECONDS });
  await assert.rejects(
    open(),
    refusal(
      'clock_wrong',
      /which is after the authority's root certificate ended \(.*\): set the clock \(NTP\), then try again\. If the clock is right, begin/,
    ),
  );
});

test('a start after the end of the intermediate makes a new one', async (t) => {
  const { earlier, store, open } = await openLater(t, 40 * DAY_SECONDS, {
    intermediateLifetime: 30 * DAY_SECONDS,
  });
  const ca = await open();
  assert.notEqual(ca.serverCertificate().issuerId, earlier.serverCertificate().issuerId);
  assert.equal(ca.roots(), earlier.roots());
  verifyListener(ca, store.clock.now());
});

test('authorities begin a day before they are made, but no intermediate begins before its root', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { identity, pem } = ca.serverCertificate();
  const root = new X509Certificate(ca.roots());
  const intermediate = readCertificate(identity.certificateChain.slice(pem.length));
  assert.equal(root.validFromDate.getTime(), store.clock.now() - DAY_SECONDS * 1000);
  assert.ok(intermediate.notBefore.getTime() >= root.validFromDate.getTime());
});
