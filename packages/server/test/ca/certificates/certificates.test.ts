// Certificates for others: the rules of profiles, requests that ask for too much, and the records.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { generatePrivateKey, readCertificate, readRequest, signerFromKey } from '@gatehouse/x509';
import type { CaSettings } from '../../../src/ca/index.ts';
import { configSchema } from '../../../src/config.ts';
import { issue, OPERATOR, openCa, PKI_URL, renewal, requestFor } from '../../support/ca.ts';
import { refusal } from '../../support/errors.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { createStore } from '../../support/store.ts';

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

function profiles(server: object): Pick<CaSettings, 'profiles'> {
  return { profiles: configSchema.parse({ ca: { profiles: { server } } }).ca.profiles };
}

test('a server certificate has the names of the request, is valid for 24 hours, and has the URLs of its status', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com', '192.0.2.7']);
  assert.deepEqual(issued.names, ['api.example.com', '192.0.2.7']);
  const certificate = new X509Certificate(issued.pem);
  assert.equal(certificate.subjectAltName, 'DNS:api.example.com, IP Address:192.0.2.7');
  assert.equal(certificate.subject, 'CN=api.example.com');
  assert.equal(issued.notAfter.getTime(), Math.floor((store.clock.now() + 24 * HOUR_MS) / 1000) * 1000);
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.match(certificate.infoAccess ?? '', new RegExp(`OCSP - URI:${PKI_URL}/ocsp`));
  assert.match(
    certificate.toLegacyObject().raw.toString('latin1'),
    new RegExp(`${PKI_URL}/crl/[0-9a-f]{40}\\.crl`),
  );
});

test('the chain leads from the certificate to the root, and the ledger names the requester', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const issued = await issue(ca, ['api.example.com']);
  const [leaf, intermediate] = issued.chain
    .split(/(?=-----BEGIN)/)
    .map((pem) => new X509Certificate(pem)) as [X509Certificate, X509Certificate];
  assert.ok(leaf.verify(intermediate.publicKey));
  assert.ok(intermediate.verify(new X509Certificate(ca.roots()).publicKey));
  const event = store.published.at(-1);
  assert.equal(event?.type, 'ca.certificate_issued');
  assert.equal(event?.subject, issued.serialNumber);
  assert.deepEqual(event?.actor, OPERATOR);
});

test('a request of the old kind has its name only in the subject', async (t) => {
  const ca = await openCa(await createStore(t));
  const { request } = requestFor([], { subject: 'old.example.com' });
  const issued = await ca.certificates.issue({ profile: 'server', request, source: 'admin' }, OPERATOR);
  assert.deepEqual(issued.names, ['old.example.com']);
  assert.equal(new X509Certificate(issued.pem).checkHost('old.example.com'), 'old.example.com');
});

test('a request that does not prove possession of its key is refused, and the refusal is recorded', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const { request } = requestFor(['api.example.com']);
  const stolen = { ...request, spki: signerFromKey(generatePrivateKey('P-256')).publicKey };
  await assert.rejects(
    ca.certificates.issue({ profile: 'server', request: stolen, source: 'admin' }, OPERATOR),
    refusal('certificate_refused', /possession/),
  );
  const event = store.published.at(-1);
  assert.equal(event?.type, 'ca.certificate_refused');
  assert.equal(event?.outcome, 'failure');
  assert.match(String(event?.data.reason), /possession/);
});

for (const { what, names, settings, reason } of [
  {
    what: 'a name outside the profile',
    names: ['api.example.net'],
    settings: { names: ['*.example.com'] },
    reason: /api\.example\.net is outside/,
  },
  {
    what: 'one name of several outside the profile',
    names: ['a.example.com', 'b.example.net'],
    settings: { names: ['*.example.com'] },
    reason: /b\.example\.net/,
  },
  {
    what: 'the domain itself below which the names are',
    names: ['example.com'],
    settings: { names: ['*.example.com'] },
    reason: /outside/,
  },
  {
    what: 'an address outside the networks',
    names: ['10.1.0.1'],
    settings: { names: ['10.0.0.0/16'] },
    reason: /10\.1\.0\.1 is outside/,
  },
  {
    what: 'an e-mail address',
    names: ['alice@example.com'],
    settings: {},
    reason: /neither a DNS name nor an IP address/,
  },
  { what: 'no name at all', names: [], settings: {}, reason: /has no name of a server/ },
]) {
  test(`a server profile refuses ${what}`, async (t) => {
    const ca = await openCa(await createStore(t), profiles(settings));
    const { request } = requestFor(names, names.length === 0 ? { subject: 'x.example.com' } : {});
    const nameless = names.length === 0 ? { ...request, subject: { ...request.subject, rdns: [] } } : request;
    await assert.rejects(
      ca.certificates.issue({ profile: 'server', request: nameless, source: 'admin' }, OPERATOR),
      refusal('certificate_refused', reason),
    );
  });
}

test('a profile allows exactly the names of its rules', async (t) => {
  const ca = await openCa(
    await createStore(t),
    profiles({ names: ['*.example.com', 'localhost', '10.0.0.0/8'] }),
  );
  const issued = await issue(ca, ['a.b.example.com', '*.example.com', 'LOCALHOST', '10.9.8.7']);
  assert.equal(issued.names.length, 4);
});

test('a kind of key that the profile does not have is refused', async (t) => {
  const ca = await openCa(await createStore(t), profiles({ keyTypes: ['P-256'] }));
  const { request } = requestFor(['api.example.com'], { keyType: 'Ed25519' });
  await assert.rejects(
    ca.certificates.issue({ profile: 'server', request, source: 'admin' }, OPERATOR),
    refusal('certificate_refused', /no keys of type Ed25519 \(it has P-256\)/),
  );
});

test('a lifetime beyond the profile, in the past or beyond the issuer is refused', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { intermediateLifetime: 40 * DAY_SECONDS });
  const after = (seconds: number) => new Date(store.clock.now() + seconds * 1000);
  const ask = (notAfter: Date, notBefore?: Date) => issue(ca, ['a.example.com'], { notAfter, notBefore });
  await assert.rejects(ask(after(31 * DAY_SECONDS)), refusal('certificate_refused', /longer than 720h/));
  await assert.rejects(
    ask(after(41 * DAY_SECONDS)),
    refusal('certificate_refused', /valid longer than its issuer/),
  );
  await assert.rejects(ask(after(-1)), refusal('certificate_refused', /be expired already/));
  await assert.rejects(
    ask(after(100), after(-DAY_SECONDS)),
    refusal('certificate_refused', /start is in the past/),
  );
  const issued = await ask(after(30 * DAY_SECONDS));
  assert.ok(issued.notAfter.getTime() <= after(30 * DAY_SECONDS).getTime());
});

test('no leaf is valid longer than its issuer: a default lifetime is shortened', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store, { intermediateLifetime: 3 * DAY_SECONDS });
  store.clock.advance(1.9 * DAY_SECONDS);
  const { pem, chain } = await issue(ca, ['a.example.com'], {});
  const intermediate = readCertificate(chain.slice(pem.length));
  assert.ok(readCertificate(pem).notAfter.getTime() <= intermediate.notAfter.getTime());
});

test('a request that asks to be an authority is refused, and its other extensions are not copied', async (t) => {
  const ca = await openCa(await createStore(t));
  const { request } = requestFor(['api.example.com']);
  const asking = { ...request, extensions: { ...request.extensions, isCa: true } };
  await assert.rejects(
    ca.certificates.issue({ profile: 'server', request: asking, source: 'admin' }, OPERATOR),
    refusal('certificate_refused', /is for an authority/),
  );
  const wishing = { ...request, extensions: { ...request.extensions, extendedKeyUsage: ['codeSigning'] } };
  const issued = await ca.certificates.issue(
    { profile: 'server', request: wishing, source: 'admin' },
    OPERATOR,
  );
  assert.deepEqual(readCertificate(issued.pem).extendedKeyUsage, ['serverAuth']);
});

test('a client certificate names its owner, and nothing else from the request', async (t) => {
  const ca = await openCa(await createStore(t));
  const { request } = requestFor(['admin.example.com'], { subject: 'admin' });
  const owner = { kind: 'service', name: 'billing' } as const;
  const issued = await ca.certificates.issue(
    { profile: 'client', request, owner, source: 'admin' },
    OPERATOR,
  );
  const certificate = readCertificate(issued.pem);
  assert.equal(certificate.subject.text, 'CN=billing');
  assert.deepEqual(certificate.subjectAltNames, [
    { type: 'uniformResourceIdentifier', value: 'spiffe://gatehouse.internal/service/billing' },
  ]);
  assert.deepEqual(certificate.extendedKeyUsage, ['clientAuth']);
  assert.deepEqual(issued.names, ['billing']);
  assert.deepEqual((await ca.certificates.find(issued.serialNumber))?.owner, owner);
});

test('a refusal of an unknown profile lists the profiles that exist', async (t) => {
  const ca = await openCa(await createStore(t));
  await assert.rejects(
    issue(ca, ['a.example.com'], { profile: 'vip' }),
    refusal('not_found', /no profile vip: use one of server, client, peer/),
  );
});

for (const server of [
  { names: ['10.0.0.0/33'] },
  { names: ['foo bar'] },
  { lifetime: '48h', maxLifetime: '24h' },
]) {
  test(`the start refuses the profile ${JSON.stringify(server)} in one line`, async (t) => {
    await assert.rejects(
      openCa(await createStore(t), profiles(server)),
      refusal('config_invalid', /^Setting ca\.profiles\.server\.[^\n]+\.$/),
    );
  });
}

test('the name rules of a profile for clients apply to users and services', async (t) => {
  const profilesOf = (client: object) => configSchema.parse({ ca: { profiles: { client } } }).ca;
  const ca = await openCa(await createStore(t), profilesOf({ names: ['build_bot'] }));
  const bot = { kind: 'service', name: 'build_bot' } as const;
  assert.deepEqual((await issue(ca, ['x.example.com'], { profile: 'client', owner: bot })).names, [
    'build_bot',
  ]);
  const owner = { kind: 'service', name: 'billing' } as const;
  await assert.rejects(
    issue(ca, ['x.example.com'], { profile: 'client', owner }),
    refusal('certificate_refused', /billing is outside/),
  );
  await assert.rejects(
    openCa(await createStore(t), profilesOf({ names: ['build bot'] })),
    refusal(
      'config_invalid',
      /^Setting ca\.profiles\.client\.names is not valid: "build bot" is not the name of/,
    ),
  );
});

test('the inventory is listed newest first, in pages, and with filters', async (t) => {
  const store = await createStore(t);
  const ca = await openCa(store);
  const names = ['a.example.com', 'b.example.com', 'c.example.com'];
  store.clock.advance(1);
  for (const name of names) {
    await issue(ca, [name]);
    store.clock.advance(1);
  }
  const listed = await ca.certificates.list({ profile: 'server', limit: 2 });
  assert.deepEqual(
    listed.map((each) => each.names[0]),
    ['c.example.com', 'b.example.com'],
  );
  const last = listed.at(-1);
  const after = [last?.issuedAt ?? 0, last?.serialNumber ?? ''] as const;
  const next = await ca.certificates.list({ profile: 'server', limit: 2, after });
  assert.equal(next[0]?.names[0], 'a.example.com');
  const one = await ca.certificates.list({ name: 'b.example.com', limit: 10 });
  assert.deepEqual(
    one.map((each) => each.names),
    [['b.example.com']],
  );
  assert.deepEqual(await ca.certificates.list({ name: '%', limit: 10 }), []);
  const soon = await ca.certificates.list({ expiringSeconds: 25 * 3600, limit: 10 });
  assert.equal(soon.length, 3);
  store.clock.advance(2 * DAY_SECONDS);
  assert.equal((await ca.certificates.list({ status: 'expired', limit: 10 })).length, 3);
});

test('warns once about a certificate that was not renewed, in the log and in the ledger, but not about a renewed one', async (t) => {
  const store = await createStore(t);
  const log = createMemoryLog();
  const ca = await openCa(store, {}, undefined, { log });
  const { serialNumber } = await issue(ca, ['late.example.com']);
  await issue(ca, ['early.example.com']);
  store.clock.advance(12 * 3600);
  await issue(ca, ['early.example.com']);
  store.clock.advance(10 * 3600);
  const [, warnings] = ca.jobs;
  await warnings?.run();
  await warnings?.run();
  const warned = store.published.filter(({ type }) => type === 'ca.certificate_expiring');
  assert.deepEqual(
    warned.map(({ subject }) => subject),
    [serialNumber],
  );
  assert.deepEqual(
    log.lines().map((line) => line.serialNumber),
    [serialNumber],
  );
});

test('a certificate request in PEM has the same names after it was written and read', async (t) => {
  const ca = await openCa(await createStore(t));
  const { pem } = requestFor(['api.example.com']);
  const issued = await ca.certificates.issue(
    { profile: 'server', request: readRequest(pem), source: 'admin' },
    OPERATOR,
  );
  assert.deepEqual(issued.names, ['api.example.com']);
  await renewal(ca).run();
});
