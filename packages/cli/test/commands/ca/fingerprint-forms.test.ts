// The forms of a root's fingerprint (docs/wire/fingerprint.md), and the DNS records.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createServer } from 'node:tls';
import {
  createRequest,
  encodePrivateKey,
  generatePrivateKey,
  readCertificate,
  signerFromKey,
  spkiFingerprint,
} from '@gatehouse/x509';
import fc from 'fast-check';
import { hasOpenssl, needsOpenssl } from '../../../../client/test/certificates.ts';
import { caaRecord, parseIssuer, parseService, tlsaRecords } from '../../../src/commands/ca/dns-records.ts';
import { digitGroups, fingerprintOf } from '../../../src/commands/ca/fingerprint-forms.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { type FakeAuthority, makeRoot, startFakeAuthority } from '../../fake-authority.ts';

test('each group of digits is five octets as a number, modulo 100,000 (docs/wire/fingerprint.md)', () => {
  const counting = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
  // 0x0001020304 = 16 909 060, 0x0506070809 = 21 575 960 585, …
  assert.equal(digitGroups(counting), '09060 60585 12110 63635 15160 66685');
  assert.equal(digitGroups(Buffer.alloc(32)), '00000 00000 00000 00000 00000 00000');
});

test('the digits are always six groups of five', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) =>
      /^\d{5}( \d{5}){5}$/.test(digitGroups(Buffer.from(digest))),
    ),
  );
});

test('agrees with node:crypto on the certificate, and the URI is that of RFC 6920 §3', () => {
  const root = makeRoot();
  const { sha256, spkiSha256, pin, uri, subject } = fingerprintOf(readCertificate(root));
  assert.equal(sha256, new X509Certificate(root).fingerprint256);
  const digest = Buffer.from(spkiSha256, 'hex');
  assert.equal(pin, `sha256/${digest.toString('base64')}`);
  assert.equal(uri, `ni:///sha-256;${digest.toString('base64url')}`);
  assert.equal(subject, 'CN=Test Root');
});

test('agrees with openssl on the public key', (t) => {
  if (!hasOpenssl()) return t.skip(needsOpenssl);
  const root = makeRoot();
  const file = join(temporaryFolder(t), 'root.pem');
  writeFileSync(file, root);
  const script =
    'openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r';
  const [hex] = execFileSync('sh', ['-c', script, file], { encoding: 'utf8' }).split(' ');
  assert.equal(fingerprintOf(readCertificate(root)).spkiSha256, hex);
});

test('writes TLSA records with the key of a trust anchor, hashed and in full (RFC 6698 §2.1, §2.2)', () => {
  const { spki } = readCertificate(makeRoot());
  const { hex } = spkiFingerprint({ spki });
  assert.deepEqual(tlsaRecords(parseService('api.example.com:8443'), spki), [
    `_8443._tcp.api.example.com. IN TLSA 2 1 1 ${hex}`,
    `_8443._tcp.api.example.com. IN TLSA 2 1 0 ${Buffer.from(spki).toString('hex')}`,
  ]);
});

test('openssl verifies a chain with the root by one record, and a chain without it by the other (RFC 7671 §5.2.2)', async (t) => {
  if (!hasOpenssl()) return t.skip(needsOpenssl);
  const authority = await startFakeAuthority(t);
  const [hashed = '', full = ''] = tlsaRecords(
    parseService('localhost:1'),
    readCertificate(authority.root).spki,
  );
  const bare = await serve(t, authority, '');
  const whole = await serve(t, authority, authority.root);
  assert.match(await verify(whole, hashed), /^Verification: OK$/m);
  assert.match(await verify(bare, full), /^Verification: OK$/m);
  assert.match(await verify(whole, full), /^Verification: OK$/m);
  const [, foreign = ''] = tlsaRecords(parseService('localhost:1'), readCertificate(makeRoot()).spki);
  assert.match(await verify(whole, foreign), /^Verification error/m);
});

test('writes a CAA record for an issuer, and without one a record that forbids all (RFC 8659 §4.2)', () => {
  const service = parseService('example.com:443');
  assert.equal(
    caaRecord(service, parseIssuer('CA.example.com.')),
    'example.com. IN CAA 0 issue "ca.example.com"',
  );
  assert.equal(caaRecord(service, undefined), 'example.com. IN CAA 0 issue ";"');
});

test('refuses hosts without a port, wrong ports, addresses and wildcards', () => {
  for (const text of [
    'example.com',
    'example.com:0',
    'example.com:70000',
    '127.0.0.1:443',
    '[::1]:443',
    '*.a.b:1',
    'a b:1',
    ':1',
  ]) {
    assert.throws(() => parseService(text), { name: 'CliError', status: 2 }, text);
  }
  for (const text of ['', 'a b', '"; x', '127.0.0.1']) assert.throws(() => parseIssuer(text), { status: 2 });
});

/** The port of a TLS server with a certificate of this authority. It sends `root` after the chain. */
async function serve(t: TestContext, authority: FakeAuthority, root: string): Promise<number> {
  const key = generatePrivateKey('P-256');
  const { pem: request } = createRequest({ subject: { commonName: 'x' } }, signerFromKey(key));
  const { chain } = authority.issue({ request, names: ['localhost'] });
  const server = createServer({ key: encodePrivateKey(key), cert: chain + root }, (socket) => socket.end());
  t.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** The verdict of openssl, which trusts only the record. */
function verify(port: number, record: string): Promise<string> {
  const rrdata = record.slice(record.indexOf('TLSA ') + 5);
  const args = [
    '-connect',
    `127.0.0.1:${port}`,
    '-brief',
    '-dane_tlsa_domain',
    'localhost',
    '-dane_tlsa_rrdata',
    rrdata,
  ];
  return new Promise((resolve) => {
    const child = execFile('openssl', ['s_client', ...args], (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end();
  });
}
