// Our revocation lists against openssl, certtool and pkijs, and every refusal to sign one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as pkijs from 'pkijs';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { encodeRevokedEntry, type RevocationListTemplate, signRevocationList } from '../../src/issue/crl.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { readRevocationList } from '../../src/read/parse-crl.ts';
import { REVOCATION_REASONS } from '../../src/revocation-reason.ts';
import { verifySignature } from '../../src/verify/verify-signature.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { AT, AT_SECONDS, createRevocationPki, LIST_URL } from '../support/revocation.ts';

const pki = createRevocationPki();
const template: RevocationListTemplate = {
  issuer: pki.issuerCertificate,
  signer: pki.issuerSigner,
  number: 4097n,
  thisUpdate: AT,
  nextUpdate: new Date('2027-01-08T00:00:00Z'),
  distributionPoint: LIST_URL,
  entries: [
    encodeRevokedEntry({ serialNumber: pki.other.serialNumber, revokedAt: AT, reason: 'keyCompromise' }),
    encodeRevokedEntry({ serialNumber: 'ff', revokedAt: new Date('2050-01-01T00:00:00Z') }),
  ],
};
const list = signRevocationList(template);

function assertRefused(code: X509ErrorCode, change: Partial<RevocationListTemplate>): void {
  assert.throws(
    () => signRevocationList({ ...template, ...change }),
    (error) => error instanceof X509Error && error.code === code,
  );
}

test('openssl prints what the template says (RFC 5280 §5)', { skip: skipWithoutOpenssl }, () => {
  const printed = openssl(['crl', '-in', 'list.pem', '-noout', '-text'], { 'list.pem': list.pem });
  const expected = [
    'Version 2 (0x1)',
    'Signature Algorithm: ecdsa-with-SHA256',
    'CN = Test Intermediate',
    'Last Update: Jan  1 00:00:00 2027 GMT',
    'Next Update: Jan  8 00:00:00 2027 GMT',
    'X509v3 CRL Number: \n                4097\n',
    `X509v3 Issuing Distribution Point: critical\n                Full Name:\n                  URI:${LIST_URL}\n`,
    `Serial Number: ${pki.other.serialNumber.toUpperCase()}\n        Revocation Date: Jan  1 00:00:00 2027 GMT\n        CRL entry extensions:\n            X509v3 CRL Reason Code: \n                Key Compromise\n`,
    'Serial Number: FF\n        Revocation Date: Jan  1 00:00:00 2050 GMT\n    Signature Algorithm',
  ];
  for (const text of expected) assert.ok(printed.includes(text), `${text} in ${printed}`);
});

test('openssl accepts good certificates and refuses revoked ones, strictly (RFC 5280 §6.3)', {
  skip: skipWithoutOpenssl,
}, () => {
  const files = {
    'root.pem': pki.root.pem,
    'intermediate.pem': pki.intermediate.pem,
    'list.pem': list.pem,
    'good.pem': pki.server.pem,
    'revoked.pem': pki.other.pem,
  };
  const verify = (...more: string[]) =>
    openssl(
      `verify -x509_strict -crl_check -attime ${AT_SECONDS} -CAfile root.pem -untrusted intermediate.pem -CRLfile list.pem`
        .split(' ')
        .concat(more),
      files,
    );
  assert.match(verify('good.pem'), /good\.pem: OK/);
  assert.throws(() => verify('revoked.pem'), /certificate revoked/);
});

test('certtool reads it and verifies the signature (RFC 5280 §5.1.1.3)', {
  skip: skipWithout('certtool', 'gnutls-bin'),
}, () => {
  const info = runProgram('certtool', {
    args: ['--crl-info', '--infile', 'list.pem'],
    files: { 'list.pem': list.pem },
  });
  assert.match(info.toString(), /Revoked certificates \(2\):/);
  assert.match(info.toString(), /CRL Number \(not critical\): 1001/);
  // certtool uses the system clock for lists.
  const now = Date.now();
  const current = { thisUpdate: new Date(now - 60_000), nextUpdate: new Date(now + 60_000) };
  const verified = runProgram('certtool', {
    args: ['--verify-crl', '--infile', 'list.pem', '--load-ca-certificate', 'intermediate.pem'],
    files: {
      'list.pem': signRevocationList({ ...template, ...current }).pem,
      'intermediate.pem': pki.intermediate.pem,
    },
  });
  assert.match(verified.toString(), /Verification output: .*verified/i);
});

test('pkijs reads it, verifies the signature and finds the revoked certificate', async () => {
  const [crl, issuer, revoked, good] = [
    pkijs.CertificateRevocationList.fromBER(exactly(list.der)),
    ...[pki.intermediate, pki.other, pki.server].map(({ der }) => pkijs.Certificate.fromBER(exactly(der))),
  ];
  assert.ok(await crl.verify({ issuerCertificate: issuer as pkijs.Certificate }));
  assert.equal(crl.isCertificateRevoked(revoked as pkijs.Certificate), true);
  assert.equal(crl.isCertificateRevoked(good as pkijs.Certificate), false);
});

test('reads back all signed lists, with entries in any order', () => {
  const entries = fc.uniqueArray(
    fc.record({
      serialNumber: fc
        .bigInt({ min: 1n, max: 2n ** 159n })
        .map((value) => value.toString(16))
        .map((digits) => digits.padStart(digits.length + (digits.length % 2), '0')),
      revokedAt: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000)),
      reason: fc.constantFrom(...REVOCATION_REASONS),
    }),
    { selector: ({ serialNumber }) => serialNumber },
  );
  fc.assert(
    fc.property(entries, fc.bigInt({ min: 0n, max: 2n ** 159n - 1n }), (revoked, number) => {
      const { der } = signRevocationList({ ...template, number, entries: revoked.map(encodeRevokedEntry) });
      const read = readRevocationList(der);
      assert.equal(read.number, number);
      assert.deepEqual(
        [...read.revoked],
        revoked.map(({ serialNumber, ...entry }) => [serialNumber, entry]),
      );
    }),
    { numRuns: 50 },
  );
});

test('has the issuer, its key identifier, the dates, the point, and a valid signature', () => {
  const read = readRevocationList(list.pem);
  assert.deepEqual(read.issuer.der, pki.issuerCertificate.subject.der);
  assert.equal(read.authorityKeyIdentifier, pki.issuerCertificate.subjectKeyIdentifier);
  assert.deepEqual([read.thisUpdate, read.nextUpdate], [template.thisUpdate, template.nextUpdate]);
  assert.deepEqual([read.distributionPoint, read.uninterpretedCritical], [LIST_URL, []]);
  assert.ok(verifySignature(read, pki.issuerCertificate.spki));
});

test('signs the same list for joined entries', () => {
  const joined = Buffer.concat(template.entries as Uint8Array[]);
  const read = readRevocationList(signRevocationList({ ...template, entries: joined }).der);
  assert.deepEqual(read.tbs, readRevocationList(list.der).tbs);
});

test('leaves the field out if nothing is revoked, and openssl reads it (RFC 5280 §5.1.2.6)', {
  skip: skipWithoutOpenssl,
}, () => {
  const { pem } = signRevocationList({ ...template, entries: [] });
  assert.equal(readRevocationList(pem).revoked.size, 0);
  assert.match(
    openssl(['crl', '-noout', '-text'].concat('-in', 'list.pem'), { 'list.pem': pem }),
    /No Revoked Certificates/,
  );
});

test('leaves the reason out if it is unspecified (RFC 5280 §5.3.1)', () => {
  const bare = { serialNumber: '01', revokedAt: AT };
  assert.deepEqual(encodeRevokedEntry({ ...bare, reason: 'unspecified' }), encodeRevokedEntry(bare));
});

test('signs a list without a distribution point', () => {
  const { distributionPoint: _, ...unbound } = template;
  const read = readRevocationList(signRevocationList(unbound).der);
  assert.deepEqual([read.distributionPoint, read.number], [undefined, 4097n]);
});

test('refuses issuers that may not sign lists, keys of others, dates out of order, and points that are not plain HTTP', () => {
  assertRefused('issuer_invalid', { issuer: readCertificate(pki.server.der) });
  assertRefused('issuer_invalid', { signer: signerFromKey(pki.rootKey) });
  assertRefused('validity_invalid', { nextUpdate: AT });
  assertRefused('general_name_invalid', { distributionPoint: 'https://127.0.0.1/issuer.crl' });
});

test('refuses numbers below zero or beyond 20 octets (RFC 5280 §5.2.3), and serial numbers that are not hex', () => {
  for (const number of [-1n, 2n ** 159n]) {
    assert.throws(() => signRevocationList({ ...template, number }), TypeError);
  }
  for (const serialNumber of ['', 'f', 'FF', 'zz', '0x01']) {
    assert.throws(() => encodeRevokedEntry({ serialNumber, revokedAt: AT }), TypeError);
  }
});

/** pkijs reads whole ArrayBuffers. */
function exactly(octets: Uint8Array): ArrayBuffer {
  return Uint8Array.from(octets).buffer;
}
