// The server's own certificates on a full disk: used at once, and recorded when there is space. Certificates
// for others are not issued.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import { createOcspRequest, readOcspResponse, readRevocationList } from '@gatehouse/x509';
import type { Ca } from '../../../src/ca/index.ts';
import { fetchPublic, issue, openCa, renewal } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import type { MemoryLog } from '../../support/memory-log.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore } from '../../support/store.ts';

/** A store that was used before, and whose disk is full until `free`. */
async function fullStore(t: Parameters<typeof createStore>[0]) {
  const store = await createStore(t);
  const earlier = await openCa(store);
  let full = true;
  const database: TestStore['database'] = {
    ...store.database,
    write: (act) =>
      store.database.write(async (tx) => {
        const result = await act(tx);
        if (full)
          throw new GatehouseError('store_full', 'The disk is full: free space on it, then try again.');
        return result;
      }),
  };
  const log = createMemoryLog();
  return {
    store: { ...store, database },
    earlier,
    log,
    free() {
      full = false;
    },
  };
}

const waits = ({ lines }: MemoryLog) =>
  lines().filter(({ message }) => /is recorded later/.test(String(message)));

async function crlNumber(ca: Ca): Promise<bigint> {
  const response = await fetchPublic(ca, `/crl/${ca.serverCertificate().issuerId}.crl`);
  return readRevocationList(new Uint8Array(await response.arrayBuffer())).number ?? 0n;
}

/** The status of our own certificate, as a client asks for it. */
async function status(ca: Ca) {
  const { identity, pem } = ca.serverCertificate();
  const issuer = identity.certificateChain.slice(pem.length);
  const response = await fetchPublic(ca, '/ocsp', createOcspRequest({ certificate: pem, issuer }));
  return readOcspResponse(new Uint8Array(await response.arrayBuffer())).basic?.answers[0]?.status.status;
}

test('on a full disk the authority opens, and its own certificates are signed, known to OCSP, and recorded later', async (t) => {
  const { store, earlier, log, free } = await fullStore(t);
  const ca = await openCa(store, {}, undefined, { log });
  const { serialNumber } = ca.serverCertificate();
  assert.deepEqual(
    waits(log).map(({ profile }) => profile),
    ['server', 'ocsp'],
  );
  assert.equal(await status(ca), 'good');
  assert.equal(await crlNumber(ca), await crlNumber(earlier), 'the list that is stored is valid still');
  assert.equal(await ca.certificates.find(serialNumber), undefined);
  await assert.rejects(renewal(ca).run(), refusal('store_full', /disk is full/));

  free();
  await renewal(ca).run();
  assert.equal((await ca.certificates.find(serialNumber))?.profile, 'server');
  assert.equal(ca.serverCertificate().serialNumber, serialNumber);
});

test('on a full disk no certificate is issued to others', async (t) => {
  const { store, free } = await fullStore(t);
  const ca = await openCa(store);
  await assert.rejects(issue(ca, ['api.example.com']), refusal('store_full', /disk is full/));
  free();
  await issue(ca, ['api.example.com']);
});

test('on a full disk an expired list is signed again, with a greater number', async (t) => {
  const { store, earlier, free } = await fullStore(t);
  const before = await crlNumber(earlier);
  store.clock.advance(2 * 86_400);
  const ca = await openCa(store);
  const unrecorded = await crlNumber(ca);
  assert.ok(unrecorded > before);
  free();
  store.clock.advance(2 * 86_400);
  await renewal(ca).run();
  assert.ok((await crlNumber(ca)) > unrecorded);
});
