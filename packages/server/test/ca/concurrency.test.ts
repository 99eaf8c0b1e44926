// Acts at the same time: the first one decides, and nothing is done twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequest } from '@gatehouse/x509';
import { fetchAdmin, issue, OPERATOR, openCa, requestFor } from '../support/ca.ts';
import { refusal } from '../support/errors.ts';
import { createStore } from '../support/store.ts';

interface Row {
  role: string;
  state: string;
}

test('of several starts at once, one creates the root and the intermediate', async (t) => {
  const store = await createStore(t);
  const opened = await Promise.all(Array.from({ length: 4 }, () => openCa(store)));
  const [first] = opened;
  assert.ok(first);
  for (const ca of opened) assert.equal(ca.roots(), first.roots());
  const rows = await store.database.read
    .withTables<{ ca_hierarchy: Row }>()
    .selectFrom('ca_hierarchy')
    .select(['role', 'state'])
    .orderBy('role')
    .execute();
  assert.deepEqual(
    rows.map(({ role, state }) => [role, state]),
    [
      ['intermediate', 'active'],
      ['root', 'active'],
    ],
  );
});

test('of several requests for an intermediate at once all get the same key', async (t) => {
  const ca = await openCa(await createStore(t));
  const asked = await Promise.all(
    Array.from({ length: 4 }, () => fetchAdmin(ca, ['POST', '/admin/ca/request'], {})),
  );
  const requests = (await Promise.all(asked.map((each) => each.json()))) as { request: string }[];
  const keys = requests.map(({ request }) => Buffer.from(readRequest(request).spki).toString('hex'));
  assert.equal(new Set(keys).size, 1);
});

test('after several rotations at once one intermediate is in force', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const shown = await Promise.all(
    Array.from({ length: 3 }, () => fetchAdmin(ca, ['POST', '/admin/ca/rotate'], {})),
  );
  assert.deepEqual(
    shown.map(({ status }) => status),
    [200, 200, 200],
  );
  const rows = await store.database.read
    .withTables<{ ca_hierarchy: Row }>()
    .selectFrom('ca_hierarchy')
    .select(['role', 'state'])
    .where('state', '=', 'active')
    .where('role', '=', 'intermediate')
    .execute();
  assert.equal(rows.length, 1);
});

test('a key that is revoked as compromised while it is certified is not certified', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { request } = requestFor(['a.example.com']);
  const order = { profile: 'server', request, source: 'admin' } as const;
  const { serialNumber } = await ca.certificates.issue(order, OPERATOR);
  const revocation = ca.certificates.revoke(serialNumber, 'keyCompromise', OPERATOR);
  const again = ca.certificates.issue(order, OPERATOR);
  await revocation;
  await assert.rejects(again, refusal('certificate_refused', /compromised/));
});

test('a failed revocation for a compromised key changes nothing', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { request } = requestFor(['a.example.com']);
  const order = { profile: 'server', request, source: 'admin' } as const;
  const { serialNumber } = await ca.certificates.issue(order, OPERATOR);
  let fails = true;
  store.database.beforeCommit(async (_tx, events) => {
    if (fails && events.some(({ type }) => type === 'ca.certificate_revoked')) throw new Error('no room');
  });
  await assert.rejects(ca.certificates.revoke(serialNumber, 'keyCompromise', OPERATOR), /no room/);
  fails = false;
  await ca.certificates.issue(order, OPERATOR);
  assert.equal((await ca.certificates.find(serialNumber))?.revokedAt, undefined);
  assert.ok(await issue(ca, ['b.example.com']));
});
