// The hierarchy: intermediates rotate without a gap, and a root that is stored elsewhere can be imported.
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { ErrorCode } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate, ParsedRevocationList, Signer } from '@gatehouse/x509';
import {
  createIssuer,
  encodePrivateKey,
  generatePrivateKey,
  intermediateProfile,
  parseGeneralSubtree,
  readCertificate,
  readRequest,
  readRevocationList,
  rootProfile,
  selfSignCertificate,
  signerFromKey,
  verifyCertificate,
  verifySignature,
} from '@gatehouse/x509';
import { sql } from 'kysely';
import type { Ca } from '../../../src/ca/index.ts';
import { createCaStore } from '../../../src/ca/store/store.ts';
import { migrations } from '../../../src/capabilities.ts';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import type { KeyStore } from '../../../src/platform/keys/key-store.ts';
import { openKeyStore } from '../../../src/platform/keys/key-store.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { migrate } from '../../../src/platform/store/migrations.ts';
import { fetchAdmin, fetchPublic, issue, OPERATOR, openCa, renewal } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import type { TestStore } from '../../support/store.ts';
import { createStore, openStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY_SECONDS = 86_400;

/** The answer of the admin API. Throws its problem if it refuses. */
async function call<T>(ca: Ca, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetchAdmin(ca, [method, path], body);
  const answer = (await response.json()) as { code: ErrorCode; detail: string };
  if (!response.ok) throw new GatehouseError(answer.code, answer.detail);
  return answer as T;
}

function offlineRoot(store: TestStore, commonName = 'Offline Root', profile = rootProfile()) {
  const signer = signerFromKey(generatePrivateKey('P-384'));
  const notBefore = new Date(store.clock.now() - 1000);
  const notAfter = new Date(store.clock.now() + 20 * 365 * DAY_SECONDS * 1000);
  const { pem } = selfSignCertificate(
    { profile, subject: { commonName }, notBefore, notAfter },
    { signer, randomBytes },
  );
  const sign = (requestPem: string, days = 1000) => {
    const request = readRequest(requestPem);
    return createIssuer({ certificate: pem, signer, randomBytes }).issue({
      profile: intermediateProfile(),
      subject: { commonName: 'Signed elsewhere' },
      publicKey: request.spki,
      notBefore,
      notAfter: new Date(store.clock.now() + days * DAY_SECONDS * 1000),
    }).pem;
  };
  return { pem, sign };
}

/** The body of an import that may destroy the key of the old root. */
function importOf({ sign, pem }: ReturnType<typeof offlineRoot>, request: string, days?: number) {
  return { intermediate: sign(request, days), roots: pem, destroyRootKey: true };
}

/** The one in force. */
function intermediateOf(ca: Ca): ParsedCertificate {
  const [, pem = ''] = ca.serverCertificate().identity.certificateChain.split(/(?=-----BEGIN)/);
  return readCertificate(pem);
}

async function listOf(ca: Ca, issuer: ParsedCertificate): Promise<ParsedRevocationList> {
  const response = await fetchPublic(ca, `/crl/${issuer.subjectKeyIdentifier}.crl`);
  assert.equal(response.status, 200);
  return readRevocationList(new Uint8Array(await response.arrayBuffer()));
}

function verify(ca: Ca, chain: string, store: TestStore) {
  const [certificate = '', ...intermediates] = chain.split(/(?=-----BEGIN)/);
  return verifyCertificate({
    certificate,
    intermediates: intermediates.join(''),
    roots: ca.roots(),
    at: new Date(store.clock.now()),
  });
}

test('the intermediate is rotated after two thirds of its life, and certificates of the old one stay valid, with its lists and OCSP', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { intermediateLifetime: 90 * DAY_SECONDS });
  const old = ca.serverCertificate().issuerId;
  // It begins a day before it is created.
  store.clock.advance(58 * DAY_SECONDS);
  await renewal(ca).run();
  assert.equal(ca.serverCertificate().issuerId, old);
  const before = await issue(ca, ['api.example.com'], {
    notAfter: new Date(store.clock.now() + 20 * DAY_SECONDS * 1000),
  });
  store.clock.advance(2 * DAY_SECONDS);
  await renewal(ca).run();
  const { issuerId } = ca.serverCertificate();
  assert.notEqual(issuerId, old);
  verify(ca, before.chain, store);
  verify(ca, (await issue(ca, ['new.example.com'])).chain, store);
  assert.ok(String(ca.listenerIdentity().clientRoots).includes(before.chain.slice(before.pem.length)));
  await ca.certificates.revoke(before.serialNumber, 'superseded', OPERATOR);
  assert.equal((await fetchPublic(ca, `/crl/${old}.crl`)).status, 200);
  assert.equal((await fetchPublic(ca, `/crl/${issuerId}.crl`)).status, 200);
  assert.ok(store.published.some(({ type }) => type === 'ca.intermediate_rotated'));
});

test('a rotation stays in force even if the authorities are read again at the same time', async (t) => {
  const store = await createStore(t);
  const reading = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let isSlow = false;
  const keyStore: KeyStore = {
    ...store.keyStore,
    async load(name) {
      const key = await store.keyStore.load(name);
      if (!isSlow) return key;
      reading.resolve();
      await released.promise;
      return key;
    },
  };
  const ca = await openCa({ ...store, keyStore });
  const before = intermediateOf(ca);
  isSlow = true;
  store.clock.advance(3601);
  const renewed = renewal(ca).run();
  await reading.promise;
  isSlow = false;
  const rotated = call(ca, 'POST', '/admin/ca/rotate', {});
  const isStored = async () =>
    (await createCaStore(store.database).hierarchy(store.database.read)).length > 2;
  while (!(await isStored())) await new Promise((resolve) => setImmediate(resolve));
  for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  released.resolve();
  await Promise.all([renewed, rotated]);
  const { pem, chain } = await issue(ca, ['api.example.com']);
  assert.notEqual(readCertificate(chain.slice(pem.length)).subjectKeyIdentifier, before.subjectKeyIdentifier);
});

test('a retired intermediate leaves when no certificate that it signed is valid any more', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const [, old = ''] = ca.serverCertificate().identity.certificateChain.split(/(?=-----BEGIN)/);
  await call(ca, 'POST', '/admin/ca/rotate', {});
  assert.ok(String(ca.listenerIdentity().clientRoots).includes(old));
  store.clock.advance(31 * DAY_SECONDS);
  await renewal(ca).run();
  assert.ok(!String(ca.listenerIdentity().clientRoots).includes(old));
  const { subjectKeyIdentifier } = readCertificate(old);
  assert.equal((await fetchPublic(ca, `/crl/${subjectKeyIdentifier}.crl`)).status, 404);
  const lists = await createCaStore(store.database).revocationLists(store.database.read);
  assert.equal(lists.size, 2, 'those of the root and of the intermediate in force');
});

test('the intermediate in force cannot be revoked; one that was replaced can, and is trusted no longer', async (t) => {
  const ca = await openCa(await createStore(t));
  const [, pem = ''] = ca.serverCertificate().identity.certificateChain.split(/(?=-----BEGIN)/);
  const { serialNumber } = readCertificate(pem);
  await assert.rejects(
    ca.certificates.revoke(serialNumber, 'cACompromise', OPERATOR),
    refusal('conflict', /in force/),
  );
  await call(ca, 'POST', '/admin/ca/rotate', {});
  await ca.certificates.revoke(serialNumber, 'cACompromise', OPERATOR);
  assert.ok(!String(ca.listenerIdentity().clientRoots).includes(pem));
});

test('a root elsewhere signs the request and is imported, and the server issues under it', async (t) => {
  const store = await createStore(t);
  let written = '';
  const ca = await openCa(store, {}, undefined, {
    writeRoots: (pem) => {
      written = pem;
    },
  });
  const before = await issue(ca, ['api.example.com']);
  const oldRoot = ca.roots();
  const offline = offlineRoot(store);
  const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  assert.equal(
    (await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {})).request.length,
    request.length,
  );
  const files = importOf(offline, request);
  const shown = await call<{ authorities: { keyOnline: boolean; role: string; state: string }[] }>(
    ca,
    'POST',
    '/admin/ca/import',
    files,
  );
  assert.deepEqual(
    shown.authorities.find(({ role, state }) => role === 'root' && state === 'active')?.keyOnline,
    false,
  );
  assert.ok(shown.authorities.every(({ role, keyOnline }) => role !== 'root' || !keyOnline));
  assert.ok(ca.roots().startsWith(offline.pem), 'the new root comes first');
  assert.ok(ca.roots().includes(oldRoot), 'the old one stays while it is needed');
  assert.equal(written, ca.roots());
  verify(ca, (await issue(ca, ['new.example.com'])).chain, store);
  verify(ca, before.chain, store);
  verify(ca, ca.serverCertificate().identity.certificateChain, store);
  await assert.rejects(call(ca, 'POST', '/admin/ca/rotate', {}), refusal('conflict', /stored elsewhere/));
});

test('the root that an import replaces leaves a last list, which is valid for everything below it, also after a restart', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const before = await openCa(first);
  const root = readCertificate(before.roots());
  const revoked = intermediateOf(before);
  await call(before, 'POST', '/admin/ca/rotate', {});
  const left = intermediateOf(before);
  await before.certificates.revoke(revoked.serialNumber, 'cACompromise', OPERATOR);
  const { number = 0n } = await listOf(before, root);
  const offline = offlineRoot(first);
  const { request } = await call<{ request: string }>(before, 'POST', '/admin/ca/request', {});
  await call(before, 'POST', '/admin/ca/import', importOf(offline, request));
  const last = await listOf(before, root);
  assert.ok((last.number ?? 0n) > number);
  assert.ok(verifySignature(last, root.spki));
  assert.deepEqual([...last.revoked.keys()], [revoked.serialNumber]);
  assert.deepEqual(last.nextUpdate, left.notAfter);
  await assert.rejects(
    before.certificates.revoke(left.serialNumber, 'superseded', OPERATOR),
    refusal('conflict', /cannot be revoked, because its root was replaced/),
  );
  await first.close();
  const second = await openStore(path, first.clock);
  t.after(() => second.close());
  assert.deepEqual((await listOf(await openCa(second), root)).der, last.der);
});

for (const first of ['revocation', 'import'] as const) {
  test(`of a revocation and an import at once, the ${first} first, the last list of the old root has what was revoked`, async (t) => {
    const store = await createStore(t);
    const ca = await openCa(store);
    const root = readCertificate(ca.roots());
    const old = intermediateOf(ca);
    await call(ca, 'POST', '/admin/ca/rotate', {});
    const offline = offlineRoot(store);
    const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
    const acts = {
      revocation: () => ca.certificates.revoke(old.serialNumber, 'cACompromise', OPERATOR),
      import: () => call(ca, 'POST', '/admin/ca/import', importOf(offline, request)),
    };
    const order =
      first === 'revocation' ? (['revocation', 'import'] as const) : (['import', 'revocation'] as const);
    const outcomes = await Promise.allSettled(order.map((act) => acts[act]()));
    const isRevoked = outcomes[order.indexOf('revocation')]?.status === 'fulfilled';
    assert.equal(outcomes[order.indexOf('import')]?.status, 'fulfilled');
    const last = await listOf(ca, root);
    assert.deepEqual([...last.revoked.keys()], isRevoked ? [old.serialNumber] : []);
    assert.ok(
      (last.nextUpdate?.getTime() ?? 0) > store.clock.now() + 30 * DAY_SECONDS * 1000,
      'it is the last one',
    );
  });
}

test('the name constraints of a root elsewhere apply to what is issued below it', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const permitted = [parseGeneralSubtree('example.com'), parseGeneralSubtree('localhost')];
  const addresses = ['127.0.0.0/8', '::1/128'].map(parseGeneralSubtree);
  const offline = offlineRoot(store, 'Bound Root', {
    ...rootProfile(),
    nameConstraints: { permitted: [...permitted, ...addresses] },
  });
  const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  await call(ca, 'POST', '/admin/ca/import', importOf(offline, request));
  verify(ca, (await issue(ca, ['api.example.com'])).chain, store);
  await assert.rejects(issue(ca, ['api.example.net']), refusal('certificate_refused', /api\.example\.net/));
});

test('refuses an import below which our own listeners could have no certificate, and changes nothing', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const nameConstraints = { permitted: [parseGeneralSubtree('example.com')] };
  const offline = offlineRoot(store, 'Narrow Root', { ...rootProfile(), nameConstraints });
  const before = ca.roots();
  const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  const files = importOf(offline, request);
  await assert.rejects(
    call(ca, 'POST', '/admin/ca/import', files),
    refusal('unprocessable', /cannot be imported: .*localhost/),
  );
  assert.equal(ca.roots(), before);
  verify(ca, (await issue(ca, ['api.example.net'])).chain, store);
});

test('after an import no key of a root is left in the data folder', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const before = await openCa(first);
  const offline = offlineRoot(first);
  const { request } = await call<{ request: string }>(before, 'POST', '/admin/ca/request', {});
  await call(before, 'POST', '/admin/ca/import', importOf(offline, request));
  await first.close();
  const second = await openStore(path, first.clock);
  t.after(() => second.close());
  const after = await openCa(second);
  assert.ok(after.roots().startsWith(offline.pem));
  const root = new X509Certificate(offline.pem);
  const { length } = await second.database.read
    .withTables<{ sealed_secrets: { name: string } }>()
    .selectFrom('sealed_secrets')
    .select('name')
    .where('name', 'like', 'ca/authority/%')
    .execute();
  assert.equal(length, 2, 'the two intermediates');
  assert.ok(root.ca);
});

test('an import refuses another key, an expired intermediate, another root, and an intermediate that was not requested', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const offline = offlineRoot(store);
  const ask = (files: { intermediate: string; roots: string }) => call(ca, 'POST', '/admin/ca/import', files);
  await assert.rejects(
    ask({ intermediate: offline.pem, roots: offline.pem }),
    refusal('conflict', /No intermediate was requested/),
  );
  const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  await assert.rejects(
    ask({ intermediate: offline.pem, roots: offline.pem }),
    refusal('unprocessable', /another key/),
  );
  await assert.rejects(
    ask({ intermediate: offline.sign(request), roots: offlineRoot(store, 'Another').pem }),
    refusal('unprocessable', /cannot be imported/),
  );
  await assert.rejects(
    ask({ intermediate: offline.sign(request, 0.0005), roots: offline.pem }),
    refusal('unprocessable', /expired/),
  );
  await assert.rejects(ask({ intermediate: 'nonsense', roots: offline.pem }), refusal('unprocessable', /./));
  await ask(importOf(offline, request));
});

test('with the root elsewhere, warns about an intermediate that expires soon, and does not rotate it', async (t) => {
  const store = await createStore(t);
  const log = createMemoryLog();
  const ca = await openCa(store, {}, undefined, { log });
  const offline = offlineRoot(store);
  const { request } = await call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  await call(ca, 'POST', '/admin/ca/import', importOf(offline, request, 30));
  const { issuerId } = ca.serverCertificate();
  store.clock.advance(21 * DAY_SECONDS);
  await renewal(ca).run();
  assert.equal(ca.serverCertificate().issuerId, issuerId);
  assert.match(String(log.lines().at(-1)?.message), /gatehouse ca request/);
});

test('a data folder of the first version keeps its root, its intermediate and what they signed', async (t) => {
  const path = temporaryFolder(t);
  const folder = await openDataFolder(path);
  const database = openDatabase(folder.file('gatehouse.db'));
  const clock = createFakeClock();
  const before = migrations.filter(
    ({ name }) => name === 'ca/0001-certificates' || /^(platform|audit)\//.test(name),
  );
  await migrate(database, before, clock);
  const keyStore = await openKeyStore({ database, folder, clock }, undefined);
  const old = await firstVersionHierarchy(keyStore, clock.now());
  await database.write(async (tx) => {
    const tables = tx.withTables<FirstVersionTables>();
    for (const [name, certificate] of Object.entries(old)) {
      await tables.insertInto('ca_authorities').values({ name, certificate }).execute();
      const { serialNumber, notBefore, notAfter } = readCertificate(certificate);
      const row = {
        serial_number: serialNumber,
        profile: name,
        names: '[]',
        issued_at: clock.now(),
        certificate,
      };
      const dates = { not_before: notBefore.getTime(), not_after: notAfter.getTime() };
      await tables
        .insertInto('ca_certificates')
        .values({ ...row, ...dates })
        .execute();
    }
  });
  await database.close();
  folder.release();
  const store = await openStore(path, clock);
  t.after(() => store.close());
  const ca = await openCa(store);
  assert.equal(ca.roots(), old.root);
  assert.ok(ca.serverCertificate().identity.certificateChain.endsWith(old.intermediate));
  verify(ca, (await issue(ca, ['api.example.com'])).chain, store);
  await call(ca, 'POST', '/admin/ca/rotate', {});
  verify(ca, ca.serverCertificate().identity.certificateChain, store);
});

type FirstVersionTables = {
  ca_authorities: { name: string; certificate: string };
  ca_certificates: {
    serial_number: string;
    profile: string;
    names: string;
    not_before: number;
    not_after: number;
    issued_at: number;
    certificate: string;
  };
};

async function firstVersionHierarchy(keyStore: KeyStore, now: number) {
  const validity = { notBefore: new Date(now - 1000), notAfter: new Date(now + 1000 * DAY_SECONDS * 1000) };
  const signers = await Promise.all(
    ['root', 'intermediate'].map(async (name) => {
      const key = generatePrivateKey('P-256');
      await keyStore.loadOrCreate(`ca/${name}-key`, () => Buffer.from(encodePrivateKey(key)));
      return signerFromKey(key);
    }),
  );
  const [rootSigner, signer] = signers as [Signer, Signer];
  const root = selfSignCertificate(
    { profile: rootProfile(), subject: { commonName: 'Example Root' }, ...validity },
    { signer: rootSigner, randomBytes },
  ).pem;
  const intermediate = createIssuer({ certificate: root, signer: rootSigner, randomBytes }).issue({
    profile: intermediateProfile(),
    subject: { commonName: 'Example Intermediate' },
    publicKey: signer.publicKey,
    ...validity,
  }).pem;
  return { root, intermediate };
}

for (const keyType of ['P-384', 'Ed25519', 'ML-DSA-65'] as const) {
  test(`a hierarchy of ${keyType} keys verifies from leaf to root`, async (t) => {
    const store = await createStore(t);
    const ca = await openCa(store, { keyType });
    verify(ca, ca.serverCertificate().identity.certificateChain, store);
    const issued = await issue(ca, ['api.example.com']);
    verify(ca, issued.chain, store);
    await ca.certificates.revoke(issued.serialNumber, 'superseded', OPERATOR);
    assert.equal((await fetchPublic(ca, `/crl/${ca.serverCertificate().issuerId}.crl`)).status, 200);
  });
}

const vanished: Record<string, [statement: string, message: RegExp]> = {
  'the rows of the authorities': ['DELETE FROM ca_hierarchy', /has lost the certificates of the authority/],
  'the row of the root': [
    "DELETE FROM ca_hierarchy WHERE role = 'root'",
    /has lost the root of the authority/,
  ],
  'the row of the intermediate': [
    "DELETE FROM ca_hierarchy WHERE role = 'intermediate'",
    /has lost the intermediate of the authority/,
  ],
  'a sealed key': [
    'DELETE FROM sealed_secrets WHERE name = (SELECT max(name) FROM sealed_secrets)',
    /has lost the key of the authority [0-9a-f]{40}/,
  ],
};

for (const [what, [statement, message]] of Object.entries(vanished)) {
  test(`without ${what}, no other authority is created`, async (t) => {
    const store = await createStore(t);
    await openCa(store);
    await store.database.write((tx) => sql.raw(statement).execute(tx));
    await assert.rejects(openCa(store), refusal('database_incomplete', message));
  });
}

test('an intermediate that ended, below a root that is stored elsewhere, can be replaced after a restart', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const before = await openCa(first);
  const offline = offlineRoot(first);
  const ask = (ca: Ca) => call<{ request: string }>(ca, 'POST', '/admin/ca/request', {});
  await call(before, 'POST', '/admin/ca/import', importOf(offline, (await ask(before)).request, 30));
  await first.close();
  first.clock.advance(31 * DAY_SECONDS);
  const store = await openStore(path, first.clock);
  t.after(() => store.close());

  const ca = await openCa(store);
  assert.ok(ca.serverCertificate().notAfter.getTime() < store.clock.now(), 'clients see that it has ended');
  const ended =
    /after the authority's intermediate certificate ended .*'gatehouse ca request' and 'gatehouse ca import'/;
  await assert.rejects(issue(ca, ['new.example.com']), refusal('clock_wrong', ended));
  await assert.rejects(renewal(ca).run(), refusal('clock_wrong', ended));

  await call(ca, 'POST', '/admin/ca/import', importOf(offline, (await ask(ca)).request, 30));
  verify(ca, ca.serverCertificate().identity.certificateChain, store);
  verify(ca, (await issue(ca, ['new.example.com'])).chain, store);
  await renewal(ca).run();
});
