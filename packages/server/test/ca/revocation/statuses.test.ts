// The responder caches good statuses until a certificate is revoked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOcspRequest, readOcspResponse, verifyOcspResponse } from '@gatehouse/x509';
import type { OwnCertificate } from '../../../src/ca/certificates/inventory.ts';
import { revokedEvent, SYSTEM } from '../../../src/ca/events.ts';
import { createStatuses } from '../../../src/ca/revocation/statuses.ts';
import { fetchPublic, issue, OPERATOR, openCa } from '../../support/ca.ts';
import { createStore } from '../../support/store.ts';

const revocation = {
  ...revokedEvent(
    { serialNumber: '0a', profile: 'server', names: [], issuerId: 'one' },
    { reason: 'superseded', crlNumber: 1 },
    SYSTEM,
  ),
  seq: 1,
};

const NOT_AFTER = 9000;

function setUp() {
  const row = {
    issuerId: 'one',
    notAfter: NOT_AFTER,
    revokedAt: undefined as number | undefined,
    reason: undefined,
  };
  let lookups = 0;
  const waiting = new Map<string, OwnCertificate>();
  const { standingOf, projection } = createStatuses({
    store: {
      async revocation(serialNumber) {
        lookups += 1;
        return serialNumber === '0a' ? { ...row } : undefined;
      },
    },
    ownRecords: { waiting: (serialNumber) => waiting.get(serialNumber) },
  });
  const statusOf = async (serialNumber: string, issuerId: string) => {
    const { status, notAfter } = await standingOf(serialNumber, issuerId);
    assert.equal(notAfter, status.status === 'unknown' ? undefined : NOT_AFTER);
    return status;
  };
  return { projection, row, statusOf, waiting, lookups: () => lookups };
}

test('a good certificate is looked up once, only for its own authority', async () => {
  const { statusOf, lookups } = setUp();
  assert.deepEqual(await statusOf('0a', 'one'), { status: 'good' });
  assert.deepEqual(await statusOf('0a', 'one'), { status: 'good' });
  assert.equal(lookups(), 1);
  assert.deepEqual(await statusOf('0a', 'other'), { status: 'unknown' });
});

test('our own certificate is good while it waits to be recorded', async () => {
  const { statusOf, waiting } = setUp();
  const notAfter = new Date(NOT_AFTER);
  const certificate = { serialNumber: '0c', pem: '', notBefore: new Date(0), notAfter };
  waiting.set('0c', { certificate, profile: 'server', issuerId: 'one' });
  assert.deepEqual(await statusOf('0c', 'one'), { status: 'good' });
  assert.deepEqual(await statusOf('0c', 'other'), { status: 'unknown' });
});

test('an unknown certificate is looked up each time, because it may be issued later', async () => {
  const { statusOf, lookups } = setUp();
  assert.deepEqual(await statusOf('0b', 'one'), { status: 'unknown' });
  assert.deepEqual(await statusOf('0b', 'one'), { status: 'unknown' });
  assert.equal(lookups(), 2);
});

test('a status that was read before a revocation was committed is not cached', async () => {
  const { statusOf, projection, row } = setUp();
  await statusOf('0a', 'one');
  row.revokedAt = 5000;
  assert.deepEqual(await statusOf('0a', 'one'), { status: 'good' }, 'its event has not come yet');
  const before = statusOf('0a', 'one');
  await projection.advance([revocation]);
  await before;
  assert.deepEqual(await statusOf('0a', 'one'), { status: 'revoked', revokedAt: new Date(5000) });
});

test('no answer to a request after a revocation says good, even with requests in between', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  const issuer = issued.chain.slice(issued.pem.length);
  let isRevoked = false;
  const ask = async (number: number) => {
    const nonce = number % 2 === 0 ? { nonce: Buffer.alloc(16, number) } : {};
    const request = createOcspRequest({ certificate: issued.pem, issuer, ...nonce });
    const mustBeRevoked = isRevoked;
    const response = await fetchPublic(ca, '/ocsp', request);
    const answer = readOcspResponse(new Uint8Array(await response.arrayBuffer()));
    const at = new Date(store.clock.now());
    const { status } = verifyOcspResponse(answer, { certificate: issued.pem, issuer, at, ...nonce });
    if (mustBeRevoked) assert.equal(status, 'revoked');
    return status;
  };
  const revoking = new Promise((resolve) => setImmediate(resolve))
    .then(() => ca.certificates.revoke(issued.serialNumber, 'superseded', OPERATOR))
    .then(() => {
      isRevoked = true;
    });
  const statuses: string[] = [];
  const rounds = async (last: () => boolean) => {
    do {
      const asked = Array.from({ length: 5 }, (_, index) => ask(statuses.length + index));
      statuses.push(...(await Promise.all(asked)));
      await new Promise((resolve) => setImmediate(resolve));
    } while (!last());
  };
  await rounds(() => isRevoked);
  await rounds(() => true);
  await revoking;
  assert.equal(statuses[0], 'good');
  assert.equal(statuses.at(-1), 'revoked');
});
