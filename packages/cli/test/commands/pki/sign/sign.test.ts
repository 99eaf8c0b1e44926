// gatehouse pki sign: the requests that it signs, and those that it refuses without writing a file.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { readCertificate, readCertificates } from '@gatehouse/x509';
import { requireClean } from '../../../../src/commands/pki/issue.ts';
import { createFurnishedDesk, type Desk } from '../../../desk.ts';

const SIGN = ['sign', '@server.csr', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@out.pem'];

test('sign issues for the names of the request, with a random serial number, for 90 days', async (t) => {
  const desk = await createFurnishedDesk(t);
  const facts = JSON.parse(await desk.done(...SIGN, '--json'));
  assert.deepEqual(facts.names, ['DNS:example.com']);
  assert.equal(Date.parse(facts.notAfter) - Date.parse(facts.notBefore), 90 * 86_400_000);
  const { serialNumber, extendedKeyUsage, isCa } = readCertificate(desk.text('out.pem'));
  assert.equal(serialNumber, facts.serialNumber);
  assert.match(serialNumber, /^[0-9a-f]{40}$/);
  assert.deepEqual({ extendedKeyUsage, isCa }, { extendedKeyUsage: ['serverAuth'], isCa: false });
  await desk.done('sign', '@server.csr', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@again.pem');
  assert.notEqual(readCertificate(desk.text('again.pem')).serialNumber, serialNumber);
});

test('sign has a profile for servers, clients, both and intermediates', async (t) => {
  const desk = await createFurnishedDesk(t);
  await desk.done('csr', '--key', '@server.key', '--common-name', 'alice', '--out', '@alice.csr');
  const signed = async (request: string, profile: string) => {
    const options = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--profile', profile];
    await desk.done('sign', request, ...options, '--out', '@out.pem', '--force');
    return readCertificate(desk.text('out.pem'));
  };
  assert.deepEqual((await signed('@alice.csr', 'client')).extendedKeyUsage, ['clientAuth']);
  assert.deepEqual((await signed('@server.csr', 'both')).extendedKeyUsage, ['serverAuth', 'clientAuth']);
  const { isCa, pathLength, keyUsage } = await signed('@alice.csr', 'intermediate');
  assert.deepEqual({ isCa, pathLength }, { isCa: true, pathLength: 0 });
  assert.deepEqual(keyUsage, ['keyCertSign', 'cRLSign']);
  assert.match(
    await desk.refused(1, 'sign', '@alice.csr', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@server'),
    /^alice\.csr: .*needs a DNS name or an IP address.*--name/,
  );
});

test("sign accepts names and a subject in place of the request's, and URLs", async (t) => {
  const desk = await createFurnishedDesk(t);
  const urls = ['--crl-url', 'http://pki.test/crl', '--ocsp-url', 'http://pki.test/ocsp'];
  const options = [
    '--name',
    '127.0.0.1',
    '--common-name',
    'mine',
    '--issuer-url',
    'http://pki.test/ca',
    ...urls,
  ];
  await desk.done(...SIGN, ...options);
  const facts = JSON.parse(await desk.done('show', '@out.pem', '--json'));
  assert.deepEqual([facts.names, facts.subject], [['IP:127.0.0.1'], 'CN=mine']);
  assert.deepEqual(facts.crlUrls, ['http://pki.test/crl']);
  assert.deepEqual(facts.ocspUrls, ['http://pki.test/ocsp']);
  assert.deepEqual(facts.issuerUrls, ['http://pki.test/ca']);
  const https = ['--crl-url', 'https://pki.test/crl', '--force'];
  assert.match(await desk.refused(2, ...SIGN, ...https), /--crl-url should be a URL that begins with http:/);
});

test('sign --chain writes the intermediate after the leaf, but not the root (RFC 8446 §4.4.2)', async (t) => {
  const desk = await createFurnishedDesk(t);
  await addIntermediate(desk);
  desk.put('chain.pem', desk.text('intermediate.pem') + desk.text('ca.pem'));
  const options = ['--ca', '@chain.pem', '--ca-key', '@intermediate.key', '--chain', '--out', '@out.pem'];
  await desk.done('sign', '@server.csr', ...options);
  const [leaf, intermediate, ...others] = readCertificates(desk.text('out.pem'));
  assert.equal(leaf?.issuer.text, 'CN=Intermediate');
  assert.equal(intermediate?.subject.text, 'CN=Intermediate');
  assert.deepEqual(others, []);
});

test('sign refuses a request that is not signed with its own key (RFC 2986 §3)', async (t) => {
  const desk = await createFurnishedDesk(t);
  const der = Buffer.from(desk.text('server.csr').replaceAll(/-.*-\n|\n/g, ''), 'base64');
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  desk.put('server.csr', der);
  await refuses(desk, [], /^server\.csr: the request is not signed with the private key/);
});

test('sign refuses the key of another certificate, and a certificate that does not belong to an authority', async (t) => {
  const desk = await createFurnishedDesk(t);
  const options = ['--ca', '@ca.pem', '--ca-key', '@server.key', '--out', '@out.pem'];
  assert.equal(
    await desk.refused(1, 'sign', '@server.csr', ...options),
    'server.key is not the private key of ca.pem (CN=Test CA)',
  );
  await desk.done(...SIGN);
  const leaf = ['--ca', '@out.pem', '--ca-key', '@server.key', '--out', '@more.pem'];
  assert.match(
    await desk.refused(1, 'sign', '@server.csr', ...leaf),
    /^out\.pem .*is not the certificate of an authority/,
  );
});

test('sign refuses a certificate that is valid longer than its issuer; without --lifetime it ends with its issuer at the latest', async (t) => {
  const desk = await createFurnishedDesk(t, '--lifetime', '2d');
  await refuses(desk, ['--lifetime', '3d'], /^the authority expires on \S+: give a shorter --lifetime$/);
  await desk.done(...SIGN);
  const notAfter = (name: string) => readCertificate(desk.text(name)).notAfter;
  assert.deepEqual(notAfter('out.pem'), notAfter('ca.pem'));
});

test('sign refuses an issuer that has expired', async (t) => {
  const desk = await createFurnishedDesk(t, '--lifetime', '1s');
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 10_000 });
  await refuses(desk, [], /^ca\.pem \(CN=Test CA\) expired on \S+: /);
});

test('sign refuses names outside the constraints of the authority and those above (RFC 5280 §4.2.1.10)', async (t) => {
  const desk = await createFurnishedDesk(t, '--permit', 'home.example');
  await refuses(desk, [], /^server\.csr: .*DNS:example\.com/);
  await addIntermediate(desk);
  desk.put('chain.pem', desk.text('intermediate.pem') + desk.text('ca.pem'));
  const under = ['--ca', '@chain.pem', '--ca-key', '@intermediate.key', '--out', '@out.pem'];
  assert.match(await desk.refused(1, 'sign', '@server.csr', ...under), /DNS:example\.com/);
  await desk.done('sign', '@server.csr', ...under, '--name', 'nas.home.example');
});

test('sign refuses a path that is longer than the authority allows (RFC 5280 §4.2.1.9)', async (t) => {
  const desk = await createFurnishedDesk(t, '--path-length', '0');
  await refuses(desk, ['--profile', 'intermediate', '--common-name', 'x'], /path length/);
});

test('sign refuses files of another kind, and names their contents', async (t) => {
  const desk = await createFurnishedDesk(t);
  const sign = (request: string, ca: string) => [
    'sign',
    request,
    '--ca',
    ca,
    '--ca-key',
    '@ca.key',
    '--out',
    '@out.pem',
  ];
  const cases: [string[], RegExp][] = [
    [sign('@ca.pem', '@ca.pem'), /^ca\.pem holds no certificate request: there is CERTIFICATE$/],
    [sign('@server.csr', '@ca.key'), /^ca\.key holds no certificate: there is PRIVATE KEY$/],
    [sign('@server.csr', '@server.csr'), /^server\.csr holds no certificate: there is CERTIFICATE REQUEST$/],
  ];
  for (const [args, expected] of cases) assert.match(await desk.refused(1, ...args), expected);
});

test('sign writes no certificate that the linter objects to', () => {
  const expected = { name: 'CliError', status: 1, message: /^nothing was signed: .*\(RFC 5280/ };
  assert.throws(() => requireClean(Buffer.from('3000', 'hex')), expected);
});

async function refuses(desk: Desk, options: string[], expected: RegExp): Promise<void> {
  assert.match(await desk.refused(1, ...SIGN, ...options), expected);
  assert.equal(existsSync(desk.path('out.pem')), false);
}

async function addIntermediate(desk: Desk): Promise<void> {
  await desk.done('key', '--out', '@intermediate.key');
  const csr = ['--key', '@intermediate.key', '--common-name', 'Intermediate', '--out', '@intermediate.csr'];
  await desk.done('csr', ...csr);
  const options = ['--ca', '@ca.pem', '--ca-key', '@ca.key', '--profile', 'intermediate'];
  await desk.done('sign', '@intermediate.csr', ...options, '--out', '@intermediate.pem');
}
