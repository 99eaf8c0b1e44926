// The certificate authority: issuing, renewals, and restarts, which do not change the root.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { readCertificate, spkiFingerprint } from '@gatehouse/x509';
import { sql } from 'kysely';
import type { Ca } from '../../src/ca/index.ts';
import type { Call } from '../../src/platform/http/route.ts';
import { openCa, renewal } from '../support/ca.ts';
import { refusal } from '../support/errors.ts';
import type { TestStore } from '../support/store.ts';
import { createStore, openStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_SECONDS = 86_400;

function issued({ published }: TestStore) {
  return published.filter(({ type }) => type === 'ca.certificate_issued');
}

/** The chain that a server presents, leaf first, and the root. */
function chainOf(ca: Ca): [X509Certificate, X509Certificate, X509Certificate] {
  const blocks = ca
    .serverCertificate()
    .identity.certificateChain.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----\n/g);
  const [leaf = '', intermediate = '', ...others] = blocks ?? [];
  assert.deepEqual(others, []);
  return [new X509Certificate(leaf), new X509Certificate(intermediate), new X509Certificate(ca.roots())];
}

const days = ({ validFromDate, validToDate }: X509Certificate) =>
  (validToDate.getTime() - validFromDate.getTime()) / 1000 / DAY_SECONDS;

test('the first start creates a root for ten years and an intermediate that signs for the server', async (t) => {
  const ca = await openCa(await createStore(t));
  const [leaf, intermediate, root] = chainOf(ca);
  assert.equal(root.subject, 'O=Example\nCN=Example Root');
  assert.equal(intermediate.subject, 'O=Example\nCN=Example Intermediate');
  assert.equal(days(root), 3650);
  assert.ok(days(intermediate) <= days(root));
  assert.ok(root.checkIssued(root) && root.verify(root.publicKey) && root.ca);
  assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey) && intermediate.ca);
  assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey) && !leaf.ca);
  assert.equal(ca.rootFingerprint(), spkiFingerprint(readCertificate(ca.roots())).pin);
});

test('the server certificate is for localhost, 127.0.0.1, ::1 and the configured names, each once', async (t) => {
  const names = ['api.example.com', '192.0.2.7', 'localhost', '*.apps.example.com', '2001:db8::7'];
  const ca = await openCa(await createStore(t), { names });
  const [leaf] = chainOf(ca);
  for (const host of ['localhost', 'api.example.com', 'a.apps.example.com'])
    assert.ok(leaf.checkHost(host), host);
  for (const ip of ['127.0.0.1', '::1', '192.0.2.7', '2001:db8::7']) assert.ok(leaf.checkIP(ip), ip);
  assert.equal(leaf.checkHost('example.com'), undefined);
  assert.equal(leaf.subjectAltName?.match(/DNS:localhost/g)?.length, 1);
  assert.deepEqual(ca.serverCertificate().names, [
    'localhost',
    '127.0.0.1',
    '::1',
    'api.example.com',
    '192.0.2.7',
    '*.apps.example.com',
    '2001:db8::7',
  ]);
});

for (const name of [
  '',
  'exa mple.com',
  'http://example.com',
  'example.com:8443',
  '*',
  'a.*.example.com',
  '300.1.1.1',
  '-a.example.com',
  'bücher.example',
]) {
  test(`refuses the configured name ${JSON.stringify(name)} in one line that names the setting`, async (t) => {
    await assert.rejects(
      openCa(await createStore(t), { names: [name] }),
      refusal('config_invalid', /^Setting ca\.names is not valid: [^\n]+\.$/),
    );
  });
}

test('the server certificate is valid for the configured time, and its key belongs to it', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const [leaf] = chainOf(ca);
  assert.equal(days(leaf), 30);
  assert.ok(leaf.validFromDate.getTime() < store.clock.now());
  const { identity, notAfter, serialNumber } = ca.serverCertificate();
  assert.ok(leaf.checkPrivateKey(createPrivateKey(identity.privateKey)));
  assert.equal(leaf.validToDate.getTime(), notAfter.getTime());
  assert.equal(BigInt(`0x${leaf.serialNumber}`), BigInt(`0x${serialNumber.replaceAll(':', '')}`));
  assert.equal(identity.ticketKeys.length, 48);
});

test('openssl finds the chain strictly valid for a server', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('needs openssl (apt-get install openssl)');
  const store = await createStore(t);
  const [leaf, intermediate, root] = chainOf(await openCa(store));
  const folder = temporaryFolder(t);
  for (const [name, certificate] of Object.entries({ leaf, intermediate, root })) {
    writeFileSync(join(folder, `${name}.pem`), certificate.toString());
  }
  const time = ['-attime', String(Math.floor(store.clock.now() / 1000))];
  const trust = [
    '-CAfile',
    'root.pem',
    '-untrusted',
    'intermediate.pem',
    '-purpose',
    'sslserver',
    '-verify_hostname',
    'localhost',
  ];
  const { stdout, stderr } = spawnSync('openssl', ['verify', '-x509_strict', ...time, ...trust, 'leaf.pem'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(stdout, 'leaf.pem: OK\n', stderr);
});

test('each issued certificate has its own row, and an event in the same act', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { names: ['api.example.com'] });
  const { rows } = await sql<{
    serial_number: string;
    profile: string;
  }>`SELECT serial_number, profile FROM ca_certificates ORDER BY rowid`.execute(store.database.read);
  assert.deepEqual(
    rows.map(({ profile }) => profile),
    ['root', 'intermediate', 'server', 'ocsp'],
  );
  assert.deepEqual(
    issued(store).map(({ type, subject, data }) => ({
      type,
      serial_number: subject,
      profile: data.profile,
    })),
    rows.map((row) => ({ type: 'ca.certificate_issued', ...row })),
  );
  const { names, notAfter, serialNumber } = ca.serverCertificate();
  assert.deepEqual(issued(store).at(-2), {
    type: 'ca.certificate_issued',
    actor: { kind: 'system', name: 'gatehouse' },
    outcome: 'success',
    subject: serialNumber,
    data: { profile: 'server', names, notAfter: notAfter.toISOString() },
  });
});

test('a certificate that the ledger cannot record is not issued', async (t) => {
  const store = await createStore(t);
  store.events.subscribe(() => Promise.reject(new Error('the ledger is full')));
  await assert.rejects(openCa(store), /ledger is full/);
  const { rows } = await sql`SELECT * FROM ca_certificates`.execute(store.database.read);
  assert.deepEqual(rows, []);
});

test('renews after two thirds of the life, not before, and gives the new certificate to the listeners', async (t) => {
  const store = await createStore(t);
  let handedOut = 0;
  const ca = await openCa(store, {}, async () => {
    handedOut += 1;
  });
  const first = ca.serverCertificate();
  const { validFromDate } = chainOf(ca)[0];
  store.clock.advance((validFromDate.getTime() - store.clock.now()) / 1000 + 20 * DAY_SECONDS - 1);
  await renewal(ca).run();
  assert.equal(ca.serverCertificate().serialNumber, first.serialNumber);
  store.clock.advance(1);
  await renewal(ca).run();
  const second = ca.serverCertificate();
  assert.notEqual(second.serialNumber, first.serialNumber);
  assert.notEqual(second.identity.privateKey, first.identity.privateKey);
  assert.ok(second.notAfter.getTime() > first.notAfter.getTime());
  const known = handedOut;
  await renewal(ca).run();
  assert.equal(handedOut, known, 'what was handed out is not handed out again');
  assert.equal(issued(store).filter(({ data }) => data.profile === 'server').length, 2);
});

test('a renewal that did not reach the listeners is repeated on the next turn, without another certificate', async (t) => {
  const store = await createStore(t);
  let attempts = 0;
  const ca = await openCa(store, {}, async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('a worker did not answer');
  });
  store.clock.advance(20 * DAY_SECONDS);
  await assert.rejects(renewal(ca).run(), /did not answer/);
  const renewed = ca.serverCertificate();
  await renewal(ca).run();
  assert.equal(attempts, 2);
  assert.equal(ca.serverCertificate(), renewed);
  await renewal(ca).run();
  assert.equal(attempts, 2);
});

test('a renewal that could not be recorded leaves the certificate in force and is tried again', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const first = ca.serverCertificate();
  store.clock.advance(20 * DAY_SECONDS);
  let full = true;
  store.events.subscribe(() => (full ? Promise.reject(new Error('the ledger is full')) : Promise.resolve()));
  await assert.rejects(renewal(ca).run(), /ledger is full/);
  assert.equal(ca.serverCertificate(), first);
  full = false;
  await renewal(ca).run();
  assert.notEqual(ca.serverCertificate(), first);
});

test('a certificate with the shortest lifetime is renewed in time, for every fraction of a second at which it began', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { serverLifetime: 2 });
  for (let step = 0; step < 10; step += 1) {
    const { renewAt, notAfter } = ca.serverCertificate();
    const now = store.clock.now();
    assert.ok(renewAt > now, `renewed again at once, ${now % 1000} ms after the second`);
    assert.ok(
      renewAt + renewal(ca).intervalSeconds * 1000 < notAfter.getTime(),
      `too late, ${now % 1000} ms after the second`,
    );
    store.clock.advance(2.1);
    await renewal(ca).run();
  }
});

async function restart(t: TestContext) {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const before = await openCa(first);
  await first.close();
  const second = await openStore(path, first.clock);
  t.after(() => second.close());
  return { before, after: await openCa(second), store: second, path };
}

test('a restart does not change root and intermediate, and issues a new server certificate under them', async (t) => {
  const { before, after, store } = await restart(t);
  assert.equal(after.roots(), before.roots());
  assert.equal(after.rootFingerprint(), before.rootFingerprint());
  assert.equal(chainOf(after)[1].fingerprint256, chainOf(before)[1].fingerprint256);
  assert.notEqual(after.serverCertificate().serialNumber, before.serverCertificate().serialNumber);
  assert.ok(chainOf(after)[0].verify(chainOf(before)[1].publicKey));
  assert.deepEqual(
    issued(store).map(({ data }) => data.profile),
    ['server', 'ocsp'],
  );
});

test('no private key is in the data folder unsealed', async (t) => {
  const { before, after, path } = await restart(t);
  for (const { privateKey } of [before, after].map((ca) => ca.serverCertificate().identity)) {
    const secret = Buffer.from(privateKey.split('\n')[1] ?? '');
    for (const name of readdirSync(path)) {
      const content = readFileSync(join(path, name));
      assert.ok(!content.includes(secret) && !content.includes('PRIVATE KEY'), name);
    }
  }
});

test('anyone may fetch the root', async (t) => {
  const ca = await openCa(await createStore(t));
  const [route] = ca.publicRoutes;
  assert.equal(route?.permission, 'public');
  const answer = await route?.handle({} as Call);
  assert.equal(String(answer?.body), ca.roots());
});
