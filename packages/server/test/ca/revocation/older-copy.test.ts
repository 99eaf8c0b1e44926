// An older copy of the data folder is restored: certificates that the copy does not know can be revoked, and
// the numbers of lists continue to grow (RFC 5280 §5.2.3).
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCertificate, readRevocationList } from '@gatehouse/x509';
import type { Ca, Certificate } from '../../../src/ca/index.ts';
import { fetchAdmin, fetchPublic, issue, OPERATOR, openCa } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import { createStore, openStore } from '../../support/store.ts';
import type { Scope } from '../../support/temporary-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const robot = { profile: 'client', owner: { kind: 'service', name: 'robot' } } as const;

/** Runs `act` on a data folder, and then opens an earlier copy. */
async function restored<T>(t: Scope, act: (ca: Ca) => Promise<T>) {
  const folder = temporaryFolder(t);
  const [path, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const first = await openStore(path);
  await openCa(first);
  await first.close();
  cpSync(path, copy, { recursive: true });
  const second = await openStore(path, first.clock);
  const outcome = await act(await openCa(second));
  await second.close();
  rmSync(path, { recursive: true });
  cpSync(copy, path, { recursive: true });
  const store = await openStore(path, first.clock);
  t.after(() => store.close());
  return { store, ca: await openCa(store), outcome };
}

async function listOf(ca: Ca) {
  const { issuerId } = ca.serverCertificate();
  const response = await fetchPublic(ca, `/crl/${issuerId}.crl`);
  return readRevocationList(new Uint8Array(await response.arrayBuffer()));
}

async function revokeFile(ca: Ca, { pem, serialNumber }: Pick<Certificate, 'pem' | 'serialNumber'>) {
  const route: [string, string] = ['POST', `/admin/certificates/${serialNumber}/revoke`];
  const response = await fetchAdmin(ca, route, { certificate: pem, reason: 'superseded' });
  const shown = (await response.json()) as { [member: string]: unknown; detail?: string };
  return { status: response.status, shown };
}

test('the number of a list is greater than all numbers that the copy does not know', async (t) => {
  const { ca, store, outcome } = await restored(t, async (before) => {
    for (const name of ['a.example.com', 'b.example.com']) {
      const { serialNumber } = await issue(before, [name]);
      await before.certificates.revoke(serialNumber, 'superseded', OPERATOR);
    }
    return (await listOf(before)).number ?? 0n;
  });
  store.clock.advance(1);
  const { serialNumber } = await issue(ca, ['c.example.com']);
  await ca.certificates.revoke(serialNumber, 'superseded', OPERATOR);
  assert.ok(((await listOf(ca)).number ?? 0n) > outcome);
});

test('the number of a list grows even if the clock is set back', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { serialNumber } = await issue(ca, ['a.example.com']);
  const before = (await listOf(ca)).number ?? 0n;
  store.clock.advance(-7200);
  await ca.certificates.revoke(serialNumber, 'superseded', OPERATOR);
  assert.equal((await listOf(ca)).number, before + 1n);
});

test('a certificate that the copy does not know can be revoked by its file, in one act, but not by its number', async (t) => {
  const { ca, store, outcome } = await restored(t, (before) => issue(before, ['robot.example.com'], robot));
  const { serialNumber } = outcome;
  assert.equal(await ca.certificates.find(serialNumber), undefined);
  const issued = await ca.certificates.findIssued(readCertificate(outcome.pem));
  assert.deepEqual([issued?.serialNumber, issued?.owner], [serialNumber, robot.owner]);
  await assert.rejects(
    ca.certificates.revoke(serialNumber, 'superseded', OPERATOR),
    refusal('not_found', /There is no certificate/),
  );
  const { status, shown } = await revokeFile(ca, outcome);
  assert.equal(status, 200);
  const { profile, source, owner, names, notAfter } = shown;
  assert.deepEqual(
    { status: shown.status, profile, source, owner, names, notAfter },
    {
      status: 'revoked',
      profile: 'client',
      source: 'recovered',
      owner: robot.owner,
      names: ['robot'],
      notAfter: outcome.notAfter.toISOString(),
    },
  );
  assert.ok((await listOf(ca)).revoked.has(serialNumber));
  assert.deepEqual(
    store.published.slice(-2).map(({ type, subject }) => [type, subject]),
    [
      ['ca.certificate_recovered', serialNumber],
      ['ca.certificate_revoked', serialNumber],
    ],
  );
  assert.equal((await revokeFile(ca, outcome)).status, 409, 'once');
});

test('the same is true for the certificate of a server, and for an intermediate that was created after the copy', async (t) => {
  const { ca, outcome } = await restored(t, async (before) => {
    const server = await issue(before, ['api.example.com', '10.0.0.1']);
    await fetchAdmin(before, ['POST', '/admin/ca/rotate'], {});
    const { identity, pem } = before.serverCertificate();
    const intermediate = identity.certificateChain.slice(pem.length);
    return {
      server,
      intermediate: { pem: intermediate, serialNumber: readCertificate(intermediate).serialNumber },
    };
  });
  const { shown } = await revokeFile(ca, outcome.server);
  assert.deepEqual(
    [shown.status, shown.profile, shown.names],
    ['revoked', 'server', ['api.example.com', '10.0.0.1']],
  );
  assert.equal((await revokeFile(ca, outcome.intermediate)).shown.profile, 'intermediate');
});

test('refuses to revoke a certificate that another authority signed, with any serial number', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const foreign = await issue(await openCa(await createStore(t)), ['robot.example.com'], robot);
  const { status, shown } = await revokeFile(ca, foreign);
  assert.equal(status, 404);
  assert.match(shown.detail ?? '', /No authority of this server signed/);
  assert.equal(await ca.certificates.findIssued(readCertificate(foreign.pem)), undefined);
  const ours = await issue(ca, ['robot.example.com'], robot);
  const mixed = await revokeFile(ca, { pem: foreign.pem, serialNumber: ours.serialNumber });
  assert.equal(mixed.status, 422);
  assert.equal((await ca.certificates.find(ours.serialNumber))?.revokedAt, undefined);
  assert.equal((await revokeFile(ca, { pem: 'nonsense', serialNumber: ours.serialNumber })).status, 422);
});

test('a root is not revoked by its certificate', async (t) => {
  const ca = await openCa(await createStore(t));
  const pem = ca.roots();
  const { status, shown } = await revokeFile(ca, { pem, serialNumber: readCertificate(pem).serialNumber });
  assert.equal(status, 409);
  assert.match(shown.detail ?? '', /A root cannot be revoked/);
});
