// Revocation lists are signed inside the commit, once for all its acts, and stored as rows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRevocationList } from '@gatehouse/x509';
import type { Ca } from '../../../src/ca/index.ts';
import { createCaStore } from '../../../src/ca/store/store.ts';
import { fetchPublic, issue, OPERATOR, openCa } from '../../support/ca.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore } from '../../support/store.ts';

async function served(ca: Ca) {
  const response = await fetchPublic(ca, `/crl/${ca.serverCertificate().issuerId}.crl`);
  return Buffer.from(await response.arrayBuffer());
}

async function stored({ database }: TestStore, ca: Ca) {
  const list = await createCaStore(database).revocationList(database.read, ca.serverCertificate().issuerId);
  assert.ok(list);
  return list;
}

/** How often a list was written. */
async function countLists(store: TestStore): Promise<() => number> {
  let count = 0;
  const { database } = store;
  const rows = createCaStore(database);
  let last = '';
  database.beforeCommit(async (tx) => {
    const lists = await rows.revocationLists(tx);
    const now = [...lists.values()].map(({ number }) => number).join();
    if (now !== last) count += 1;
    last = now;
  });
  await database.write(async () => {});
  count = 0;
  return () => count;
}

test('serves the stored row, after each revocation', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  for (const name of ['a.example.com', 'b.example.com']) {
    const { serialNumber } = await issue(ca, [name]);
    await ca.certificates.revoke(serialNumber, 'superseded', OPERATOR);
    const list = await stored(store, ca);
    assert.ok((await served(ca)).equals(list.der));
    const read = readRevocationList(list.der);
    assert.ok(read.revoked.has(serialNumber));
    assert.equal(read.number, BigInt(list.number));
    assert.equal(store.published.at(-1)?.data.crlNumber, list.number);
  }
});

test('revocations of one commit share a list', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await Promise.all(
    Array.from({ length: 10 }, (_, index) => issue(ca, [`h${index}.example.com`])),
  );
  const lists = await countLists(store);
  let commits = 0;
  store.database.beforeCommit(async (_tx, events) => {
    if (events.some(({ type }) => type === 'ca.certificate_revoked')) commits += 1;
  });
  await Promise.all(
    issued.map(({ serialNumber }) => ca.certificates.revoke(serialNumber, 'superseded', OPERATOR)),
  );
  assert.ok(commits < 10, `${commits} commits`);
  assert.equal(lists(), commits);
  const { revoked } = readRevocationList(await served(ca));
  for (const { serialNumber } of issued) assert.ok(revoked.has(serialNumber));
});

test('a revocation that is rolled back is on no list, but those of other acts of the commit are', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const [undone, failed, good] = [
    await issue(ca, ['a.example.com']),
    await issue(ca, ['b.example.com']),
    await issue(ca, ['c.example.com']),
  ];
  const before = await served(ca);
  let fails = true;
  store.database.beforeCommit(async () => {
    if (fails) throw new Error('no room');
  });
  await assert.rejects(ca.certificates.revoke(undone.serialNumber, 'superseded', OPERATOR), /no room/);
  fails = false;
  assert.ok((await served(ca)).equals(before));
  store.events.subscribe(async (_tx, { subject, type }) => {
    if (type === 'ca.certificate_revoked' && subject === failed.serialNumber) throw new Error('not this one');
  });
  const outcomes = await Promise.allSettled(
    [failed, good].map(({ serialNumber }) => ca.certificates.revoke(serialNumber, 'superseded', OPERATOR)),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  assert.deepEqual([...readRevocationList(await served(ca)).revoked.keys()], [good.serialNumber]);
});
