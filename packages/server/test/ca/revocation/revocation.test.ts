// Revocation: the list and the responder have it at once, also after restarts, and our own listener's
// certificate is replaced.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  createOcspRequest,
  readCertificate,
  readOcspResponse,
  readRevocationList,
  verifyOcspResponse,
} from '@gatehouse/x509';
import type { Ca, Certificate } from '../../../src/ca/index.ts';
import { configSchema } from '../../../src/config.ts';
import { fetchPublic, issue, OPERATOR, openCa, renewal } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import { createStore, openStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function revocationList(ca: Ca, { chain, pem }: Certificate) {
  const { issuerId } = ca.serverCertificate();
  assert.ok(chain.length > pem.length);
  const response = await fetchPublic(ca, `/crl/${issuerId}.crl`);
  assert.equal(response.headers.get('content-type'), 'application/pkix-crl');
  return readRevocationList(new Uint8Array(await response.arrayBuffer()));
}

async function ask(ca: Ca, { pem, chain }: Certificate, now: number, nonce?: Uint8Array) {
  const issuer = chain.slice(pem.length);
  const request = createOcspRequest({ certificate: pem, issuer, ...(nonce && { nonce }) });
  const response = await fetchPublic(ca, '/ocsp', request);
  assert.equal(response.headers.get('content-type'), 'application/ocsp-response');
  const answer = readOcspResponse(new Uint8Array(await response.arrayBuffer()));
  return verifyOcspResponse(answer, { certificate: pem, issuer, at: new Date(now), ...(nonce && { nonce }) });
}

test('a revoked certificate is on the list and the responder says so, with its reason, at once', async (t) => {
  const store = await createStore(t);
  let handedOut = 0;
  const ca = await openCa(store, {}, async () => {
    handedOut += 1;
  });
  const issued = await issue(ca, ['api.example.com']);
  const before = await revocationList(ca, issued);
  assert.equal(before.revoked.size, 0);
  assert.deepEqual(await ask(ca, issued, store.clock.now()), { status: 'good' });
  await ca.certificates.revoke(issued.serialNumber, 'keyCompromise', OPERATOR);
  const after = await revocationList(ca, issued);
  assert.equal(after.revoked.get(issued.serialNumber)?.reason, 'keyCompromise');
  assert.ok((after.number ?? 0n) > (before.number ?? 0n), 'the number grows');
  const status = await ask(ca, issued, store.clock.now());
  assert.equal(status.status, 'revoked');
  assert.equal(handedOut, 0, 'the listeners present what they did');
  assert.equal(store.published.at(-1)?.type, 'ca.certificate_revoked');
});

test('revoking twice is a conflict, and a certificate that was never issued is not found', async (t) => {
  const ca = await openCa(await createStore(t));
  const { serialNumber } = await issue(ca, ['api.example.com']);
  await ca.certificates.revoke(serialNumber, 'superseded', OPERATOR);
  await assert.rejects(
    ca.certificates.revoke(serialNumber, 'superseded', OPERATOR),
    refusal('conflict', /already revoked/),
  );
  await assert.rejects(ca.certificates.revoke('00ff', 'superseded', OPERATOR), refusal('not_found', /00ff/));
});

test('a restart forgets no revocation, and the numbers of lists continue to grow', async (t) => {
  const path = temporaryFolder(t);
  const first = await openStore(path);
  const before = await openCa(first);
  const issued = await issue(before, ['api.example.com']);
  await before.certificates.revoke(issued.serialNumber, 'unspecified', OPERATOR);
  const { number } = await revocationList(before, issued);
  await first.close();
  const second = await openStore(path, first.clock);
  t.after(() => second.close());
  const after = await openCa(second);
  const list = await revocationList(after, issued);
  assert.ok(list.revoked.has(issued.serialNumber));
  assert.ok((list.number ?? 0n) > (number ?? 0n));
});

test('a list is made again after half of its lifetime, without expired certificates', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  await ca.certificates.revoke(issued.serialNumber, 'unspecified', OPERATOR);
  const first = await revocationList(ca, issued);
  store.clock.advance(12 * 3600 - 1);
  await renewal(ca).run();
  assert.equal((await revocationList(ca, issued)).number, first.number);
  store.clock.advance(1);
  await renewal(ca).run();
  const second = await revocationList(ca, issued);
  assert.ok((second.number ?? 0n) > (first.number ?? 0n));
  assert.ok(second.revoked.has(issued.serialNumber));
  for (let turn = 0; turn < 4; turn += 1) {
    store.clock.advance(12 * 3600);
    await renewal(ca).run();
  }
  assert.equal((await revocationList(ca, issued)).revoked.size, 0);
});

test('many revocations at the same time are all on the list', async (t) => {
  const ca = await openCa(await createStore(t));
  const issued = await Promise.all(Array.from({ length: 20 }, (_, i) => issue(ca, [`h${i}.example.com`])));
  await Promise.all(
    issued.map(({ serialNumber }) => ca.certificates.revoke(serialNumber, 'superseded', OPERATOR)),
  );
  const [one] = issued;
  assert.ok(one);
  const { revoked } = await revocationList(ca, one);
  for (const { serialNumber } of issued) assert.ok(revoked.has(serialNumber));
});

test('an answer repeats the nonce; without a nonce, it is cached until a certificate is revoked', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  const nonce = randomBytes(32);
  assert.deepEqual(await ask(ca, issued, store.clock.now(), nonce), { status: 'good' });
  const request = createOcspRequest({
    certificate: issued.pem,
    issuer: issued.chain.slice(issued.pem.length),
  });
  const path = `/ocsp/${encodeURIComponent(request.toString('base64'))}`;
  const octets = async () => Buffer.from(await (await fetchPublic(ca, path)).arrayBuffer()).toString('hex');
  const first = await octets();
  assert.equal(await octets(), first);
  await ca.certificates.revoke(issued.serialNumber, 'unspecified', OPERATOR);
  assert.notEqual(await octets(), first);
});

test('a certificate that was never issued here is unknown, and octets that are not a request are malformed', async (t) => {
  const store = await createStore(t);
  const other = await openCa(await createStore(t));
  const ca = await openCa(store);
  const foreign = await issue(other, ['api.example.com']);
  const request = createOcspRequest({
    certificate: foreign.pem,
    issuer: foreign.chain.slice(foreign.pem.length),
  });
  const response = await fetchPublic(ca, '/ocsp', request);
  const answer = readOcspResponse(new Uint8Array(await response.arrayBuffer()));
  assert.equal(answer.basic?.answers[0]?.status.status, 'unknown');
  for (const octets of [new Uint8Array(), randomBytes(40)]) {
    const refused = await fetchPublic(ca, '/ocsp', octets);
    assert.equal(
      readOcspResponse(new Uint8Array(await refused.arrayBuffer())).responseStatus,
      'malformedRequest',
    );
  }
});

test('removing a user revokes their certificates, in the same act and on the next list', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const owned = { kind: 'user', name: 'alice' } as const;
  const hers = await issue(ca, ['x.example.com'], { profile: 'client', owner: owned });
  const others = await issue(ca, ['x.example.com'], {
    profile: 'client',
    owner: { kind: 'service', name: 'alice' },
  });
  await store.database.write((tx) =>
    store.events.publish(tx, {
      type: 'identity.user_removed',
      actor: OPERATOR,
      outcome: 'success',
      subject: 'alice',
      data: {},
    }),
  );
  assert.deepEqual(revokedSerials(ca), [hers.serialNumber]);
  assert.ok((await revocationList(ca, hers)).revoked.has(hers.serialNumber));
  assert.equal((await ca.certificates.find(others.serialNumber))?.revokedAt, undefined);
  assert.equal((await ca.certificates.find(hers.serialNumber))?.reason, 'cessationOfOperation');
});

test('a list that is read before a removal is on disk does not lose the removal', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const owner = { kind: 'user', name: 'alice' } as const;
  const hers = await issue(ca, ['x.example.com'], { profile: 'client', owner });
  let early: string[] | undefined;
  store.events.subscribe(async (_tx, { type }) => {
    if (type === 'identity.user_removed') early = revokedSerials(ca);
  });
  const removed = {
    type: 'identity.user_removed',
    actor: OPERATOR,
    outcome: 'success',
    subject: 'alice',
    data: {},
  } as const;
  await store.database.write((tx) => store.events.publish(tx, removed));
  assert.deepEqual(early, [], 'nothing was on disk yet');
  assert.deepEqual(revokedSerials(ca), [hers.serialNumber]);
});

test('a revoked client certificate stays revoked for the gateway when its profile changes', async (t) => {
  const store = await createStore(t);
  const before = await openCa(store);
  const owner = { kind: 'service', name: 'billing' } as const;
  const hers = await issue(before, ['x.example.com'], { profile: 'peer', owner });
  await before.certificates.revoke(hers.serialNumber, 'superseded', OPERATOR);
  const { profiles } = configSchema.parse({ ca: { profiles: { peer: { purposes: ['server'] } } } }).ca;
  const after = await openCa(store, { profiles });
  assert.deepEqual(revokedSerials(after), [hers.serialNumber]);
});

test('the gateway gets the keys of issuers of client certificates, without those of roots', async (t) => {
  const ca = await openCa(await createStore(t));
  const { identity, pem } = ca.serverCertificate();
  const intermediate = readCertificate(identity.certificateChain.slice(pem.length));
  const { subjectKeyIdentifier, spki } = intermediate;
  assert.deepEqual([...ca.sections.issuers.entries], [[subjectKeyIdentifier, { spki, isRevoked: false }]]);
});

test('answers about certificates of others, and about many at once, are not cached', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  const issuer = issued.chain.slice(issued.pem.length);
  const request = createOcspRequest({ certificate: issued.pem, issuer });
  const unknown = Buffer.from(request);
  unknown[unknown.length - 1] = (unknown.at(-1) ?? 0) ^ 1;
  const octets = async (der: Uint8Array) =>
    Buffer.from(await (await fetchPublic(ca, '/ocsp', der)).arrayBuffer()).toString('hex');
  assert.equal(await octets(request), await octets(request));
  assert.notEqual(await octets(unknown), await octets(unknown));
});

test('our own certificate is replaced at once when it is revoked', async (t) => {
  const ca = await openCa(await createStore(t));
  const { serialNumber } = ca.serverCertificate();
  await ca.certificates.revoke(serialNumber, 'keyCompromise', OPERATOR);
  assert.notEqual(ca.serverCertificate().serialNumber, serialNumber);
});

test('our own certificate has a stapled answer that is renewed before it expires', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const first = ca.serverCertificate();
  const staple = first.identity.ocspResponse;
  assert.ok(staple);
  const issuer = first.identity.certificateChain.slice(first.pem.length);
  const expectation = { certificate: first.pem, issuer, at: new Date(store.clock.now()) };
  assert.deepEqual(verifyOcspResponse(readOcspResponse(staple), expectation), { status: 'good' });
  store.clock.advance(1800);
  await renewal(ca).run();
  const second = ca.serverCertificate();
  assert.equal(second.serialNumber, first.serialNumber);
  assert.notDeepEqual(second.identity.ocspResponse, staple);
});

test('openssl agrees about good, revoked and unknown, and finds the lists in order', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0)
    return t.skip('needs openssl (apt-get install openssl)');
  const store = await createStore(t);
  store.clock.advance((Date.now() - store.clock.now()) / 1000);
  const ca = await openCa(store);
  const [good, revoked] = [await issue(ca, ['good.example.com']), await issue(ca, ['bad.example.com'])];
  await ca.certificates.revoke(revoked.serialNumber, 'keyCompromise', OPERATOR);
  const folder = temporaryFolder(t);
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  write('root.pem', ca.roots());
  write('issuer.pem', good.chain.slice(good.pem.length));
  write('good.pem', good.pem);
  write('revoked.pem', revoked.pem);
  const { issuerId } = ca.serverCertificate();
  const crl = new Uint8Array(await (await fetchPublic(ca, `/crl/${issuerId}.crl`)).arrayBuffer());
  write('crl.der', crl);
  const openssl = (...args: string[]) => spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  openssl('crl', '-inform', 'DER', '-in', 'crl.der', '-out', 'crl.pem');
  const check = openssl('crl', '-inform', 'DER', '-in', 'crl.der', '-CAfile', 'issuer.pem', '-noout');
  assert.match(check.stderr, /verify OK/);
  const verify = (file: string) =>
    openssl(
      'verify',
      '-x509_strict',
      '-crl_check',
      '-CRLfile',
      'crl.pem',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'issuer.pem',
      file,
    );
  assert.match(verify('good.pem').stdout, /good\.pem: OK/);
  assert.match(verify('revoked.pem').stderr, /certificate revoked/);
  openssl(
    'ocsp',
    '-issuer',
    'issuer.pem',
    '-cert',
    'good.pem',
    '-cert',
    'revoked.pem',
    '-reqout',
    'request.der',
  );
  const { readFileSync } = await import('node:fs');
  const answer = await fetchPublic(ca, '/ocsp', readFileSync(join(folder, 'request.der')));
  write('response.der', new Uint8Array(await answer.arrayBuffer()));
  const said = openssl(
    'ocsp',
    '-no_nonce',
    '-respin',
    'response.der',
    '-reqin',
    'request.der',
    '-issuer',
    'issuer.pem',
    '-cert',
    'good.pem',
    '-cert',
    'revoked.pem',
    '-CAfile',
    'root.pem',
    '-verify_other',
    'issuer.pem',
  );
  assert.match(said.stderr, /Response verify OK/);
  assert.match(said.stdout, /good\.pem: good/);
  assert.match(said.stdout, /revoked\.pem: revoked/);
  assert.match(said.stdout, /keyCompromise/);
});

/** The entries of client certificates for the gateway's workers. */
function revokedSerials(ca: Ca): string[] {
  return [...ca.sections.certificates.entries].flatMap(([serial, { isRevoked }]) =>
    isRevoked ? [serial] : [],
  );
}
