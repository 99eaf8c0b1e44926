// Issued certificates against openssl, node and @peculiar/x509, and every refusal of an issuer.
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { createIssuer, issueCertificate, selfSignCertificate } from '../../src/issue/certificate.ts';
import { intermediateProfile, rootProfile, serverProfile } from '../../src/issue/profiles.ts';
import type { IssuedCertificate } from '../../src/issue/sign-certificate.ts';
import { generatePrivateKey, type PrivateKeyType } from '../../src/keys/private-key.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { parseSubjectName } from '../../src/names/general-name.ts';
import { directorySubtree, parseGeneralSubtree } from '../../src/names/general-subtree.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { peculiar } from '../support/peculiar.ts';
import {
  createPki,
  INTERMEDIATE_NOT_AFTER,
  intermediateTemplate,
  NOT_BEFORE,
  SERVER_NOT_AFTER,
  serverTemplate,
} from '../support/pki.ts';

const pki = createPki();
const rootAuthority = { certificate: pki.root.pem, signer: signerFromKey(pki.rootKey), randomBytes };

function assertRefused(code: X509ErrorCode, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof X509Error && error.code === code);
}

for (const type of ['P-256', 'P-384', 'Ed25519'] satisfies PrivateKeyType[]) {
  test(`issues ${type} chains that openssl verifies strictly, for each name (RFC 5280 §6.1)`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const { root, intermediate, server } = createPki(type);
    const files = { 'root.pem': root.pem, 'intermediate.pem': intermediate.pem, 'server.pem': server.pem };
    const trust = ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'root.pem', '-attime', '1798761600'];
    const chain = [...trust, '-untrusted', 'intermediate.pem', '-purpose', 'sslserver'];
    assert.match(openssl([...trust, 'root.pem'], files), /root\.pem: OK/);
    assert.match(openssl([...trust, 'intermediate.pem'], files), /intermediate\.pem: OK/);
    assert.match(
      openssl([...chain, '-verify_hostname', 'localhost', 'server.pem'], files),
      /server\.pem: OK/,
    );
    assert.match(
      openssl([...chain, '-verify_hostname', 'a.example.com', 'server.pem'], files),
      /server\.pem: OK/,
    );
    assert.match(openssl([...chain, '-verify_ip', '127.0.0.1', 'server.pem'], files), /server\.pem: OK/);
    assert.match(openssl([...chain, '-verify_ip', '::1', 'server.pem'], files), /server\.pem: OK/);
    assert.throws(() => openssl([...chain, '-verify_hostname', 'other', 'server.pem'], files), /mismatch/);
  });
}

test('openssl prints what the template says', { skip: skipWithoutOpenssl }, () => {
  const printed = openssl(['x509', '-in', 'server.pem', '-noout', '-text'], { 'server.pem': pki.server.pem });
  const expected = [
    'Version: 3 (0x2)',
    'Signature Algorithm: ecdsa-with-SHA256',
    'Issuer: C = DE, O = "Ex\\C3\\A4mple, \\"Test\\"", CN = Test Intermediate',
    'Not Before: Jan  1 00:00:00 2026 GMT',
    'Not After : Jan  1 00:00:00 2030 GMT',
    'X509v3 Key Usage: critical\n                Digital Signature\n',
    'X509v3 Extended Key Usage: \n                TLS Web Server Authentication\n',
    'X509v3 Subject Alternative Name: critical\n                DNS:localhost, DNS:*.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1\n',
    'OCSP - URI:http://127.0.0.1:9080/ocsp',
    'CA Issuers - URI:http://127.0.0.1:9080/issuer.cer',
    'URI:http://127.0.0.1:9080/issuer.crl',
  ];
  for (const text of expected) assert.ok(printed.includes(text), `${text} in ${printed}`);
  assert.ok(
    openssl(['asn1parse', '-in', 'server.pem'], { 'server.pem': pki.server.pem }).includes(
      'UTCTIME           :300101000000Z',
    ),
  );
});

test('agrees with node on every field, on the names and on who issued it', () => {
  const server = new X509Certificate(pki.server.pem);
  const intermediate = new X509Certificate(pki.intermediate.der);
  assert.equal(server.serialNumber.toLowerCase(), pki.server.serialNumber);
  assert.equal(
    server.subjectAltName,
    'DNS:localhost, DNS:*.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.deepEqual([server.validFromDate, server.validToDate], [NOT_BEFORE, SERVER_NOT_AFTER]);
  assert.deepEqual([server.ca, intermediate.ca], [false, true]);
  assert.ok(server.checkIssued(intermediate) && server.verify(intermediate.publicKey));
  assert.ok(server.checkPrivateKey(pki.serverKey));
  assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(server.checkIP('::1'), '::1');
  assert.equal(server.checkHost('localhost'), 'localhost');
  assert.equal(server.checkIP('127.0.0.2'), undefined);
  assert.equal(server.checkHost('example.com'), undefined);
});

test('@peculiar/x509 reads what the template says, and the signature is valid', async () => {
  const server = new peculiar.X509Certificate(pki.server.pem);
  const names = server.getExtension(peculiar.SubjectAlternativeNameExtension)?.names.toJSON();
  assert.deepEqual(names, [
    { type: 'dns', value: 'localhost' },
    { type: 'dns', value: '*.example.com' },
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '::1' },
  ]);
  assert.equal(server.serialNumber, pki.server.serialNumber);
  assert.deepEqual(server.notAfter, SERVER_NOT_AFTER);
  const intermediate = new peculiar.X509Certificate(pki.intermediate.pem);
  const constraints = intermediate.getExtension(peculiar.BasicConstraintsExtension);
  assert.deepEqual([constraints?.ca, constraints?.pathLength, constraints?.critical], [true, 0, true]);
  assert.ok(await server.verify({ publicKey: intermediate.publicKey, date: new Date('2027-01-01') }));
});

test('writes the key identifier of the issuer into every certificate except a self-signed one (RFC 5280 §4.2.1.1)', () => {
  const [root, intermediate, server] = [pki.root, pki.intermediate, pki.server].map(({ der }) =>
    readCertificate(der),
  );
  assert.equal(root?.authorityKeyIdentifier, undefined);
  assert.equal(intermediate?.authorityKeyIdentifier, root?.subjectKeyIdentifier);
  assert.equal(server?.authorityKeyIdentifier, intermediate?.subjectKeyIdentifier);
});

test('marks the names critical only if the subject is empty (RFC 5280 §4.2.1.6)', () => {
  const named = pki.issuer.issue({ ...serverTemplate(pki.serverKey), subject: { commonName: 'localhost' } });
  const isCritical = (pem: string) => new peculiar.X509Certificate(pem).getExtension('2.5.29.17')?.critical;
  assert.deepEqual([isCritical(pki.server.pem), isCritical(named.pem)], [true, false]);
});

test('writes new serial numbers of 20 octets, positive and random (RFC 5280 §4.1.2.2)', () => {
  const template = {
    ...serverTemplate(pki.serverKey),
    publicKey: encodeSpki(createPublicKey(pki.serverKey)),
  };
  const serialNumbers = Array.from({ length: 200 }, () => pki.issuer.issue(template).serialNumber);
  assert.equal(new Set(serialNumbers).size, 200);
  for (const serialNumber of serialNumbers) assert.match(serialNumber, /^[4-7][0-9a-f]{39}$/);
});

test('uses the given random generator for serial numbers, and refuses too few octets', () => {
  const issue = (source: (size: number) => Uint8Array) =>
    issueCertificate(intermediateTemplate(pki.intermediateKey), { ...rootAuthority, randomBytes: source });
  const randomPart = ({ serialNumber }: IssuedCertificate) => serialNumber.slice(12);
  assert.equal(randomPart(issue((size) => new Uint8Array(size).fill(0xff))), 'ff'.repeat(14));
  assert.equal(randomPart(issue((size) => new Uint8Array(size))), '00'.repeat(14));
  assert.throws(() => issue(() => new Uint8Array(13)), TypeError);
});

test('orders serial numbers by notBefore in milliseconds, for all dates', () => {
  const firstOctets = (notBefore: string) => {
    const template = { ...serverTemplate(pki.serverKey), notBefore: new Date(notBefore) };
    const lived = { ...template, notAfter: new Date(template.notBefore.getTime() + 3_600_000) };
    return selfSignCertificate(lived, {
      signer: signerFromKey(pki.serverKey),
      randomBytes,
    }).serialNumber.slice(0, 12);
  };
  assert.equal(firstOctets('1970-01-01T00:00:00.001Z'), '400000000001');
  assert.equal(firstOctets('2026-01-01T00:00:00.000Z'), (2 ** 46 + Date.UTC(2026, 0)).toString(16));
  assert.equal(firstOctets('1969-12-31T23:59:59.999Z'), '7fffffffffff');
  assert.match(firstOctets('9998-12-31T23:59:59.000Z'), /^[4-7]/);
});

test('calls inspect with the octets before it signs them, and does not sign if inspect throws', () => {
  const template = serverTemplate(pki.serverKey);
  const seen: Uint8Array[] = [];
  const key = { signer: signerFromKey(pki.intermediateKey), randomBytes };
  const authority = { certificate: pki.intermediate.pem, ...key };
  const { der } = createIssuer({ ...authority, inspect: (tbs) => seen.push(tbs) }).issue(template);
  assert.deepEqual(seen, [readCertificate(der).tbs]);
  let signatures = 0;
  const sign = (tbs: Uint8Array) => {
    signatures++;
    return key.signer.sign(tbs);
  };
  const refuse = () => {
    throw new X509Error('certificate_invalid', 'refused');
  };
  const watched = { ...authority, signer: { ...key.signer, sign }, inspect: refuse };
  assertRefused('certificate_invalid', () => createIssuer(watched).issue(template));
  assert.equal(signatures, 0);
});

test('drops fractions of seconds, and returns the dates of the certificate', () => {
  const template = { ...serverTemplate(pki.serverKey), notBefore: new Date('2026-01-01T00:00:00.999Z') };
  const { notBefore, der } = pki.issuer.issue(template);
  assert.deepEqual([notBefore, readCertificate(der).notBefore], [NOT_BEFORE, NOT_BEFORE]);
});

test('accepts a key as KeyObject or as SPKI, and refuses a private key', () => {
  const template = serverTemplate(pki.serverKey);
  const spki = encodeSpki(createPublicKey(pki.serverKey));
  assert.deepEqual(
    readCertificate(pki.issuer.issue({ ...template, publicKey: spki }).der).spki,
    Buffer.from(spki),
  );
  assert.deepEqual(readCertificate(pki.issuer.issue(template).der).spki, Buffer.from(spki));
  assert.throws(() => pki.issuer.issue({ ...template, publicKey: pki.serverKey }), TypeError);
  assertRefused('der_invalid', () => pki.issuer.issue({ ...template, publicKey: Uint8Array.of(1, 2, 3) }));
});

test('refuses templates that are valid longer than the issuer, exceed its path length, or do not name a server', () => {
  const template = serverTemplate(pki.serverKey);
  const later = new Date(INTERMEDIATE_NOT_AFTER.getTime() + 1000);
  assertRefused('issuer_outlived', () => pki.issuer.issue({ ...template, notAfter: later }));
  assertRefused('path_length_exceeded', () => pki.issuer.issue(intermediateTemplate(pki.serverKey)));
  assertRefused('subject_missing', () => pki.issuer.issue({ ...template, subjectAltNames: [] }));
  assertRefused('profile_invalid', () =>
    pki.issuer.issue({ ...template, profile: { keyUsage: ['keyCertSign'] } }),
  );
  assertRefused('general_name_invalid', () =>
    pki.issuer.issue({ ...template, subjectAltNames: [{ type: 'dNSName', value: 'a b' }] }),
  );
});

test('refuses an issuer that is not an authority, or that has another key (RFC 5280 §4.2.1.9)', () => {
  const server = { certificate: pki.server.pem, signer: signerFromKey(pki.serverKey), randomBytes };
  assertRefused('issuer_invalid', () => createIssuer(server));
  assertRefused('issuer_invalid', () =>
    createIssuer({ ...rootAuthority, signer: signerFromKey(pki.serverKey) }),
  );
});

test('refuses an issuer with an unknown critical extension (RFC 5280 §4.2)', async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const constrained = await peculiar.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Constrained',
    keys,
    extensions: [
      new peculiar.BasicConstraintsExtension(true, undefined, true),
      new peculiar.Extension('2.5.29.36', true, Buffer.from('3003800100', 'hex')),
    ],
  });
  const signer = { ...rootAuthority.signer, publicKey: new Uint8Array(constrained.publicKey.rawData) };
  assertRefused('issuer_invalid', () =>
    createIssuer({ certificate: constrained.toString('pem'), signer, randomBytes }),
  );
});

test('checks the name constraints of all authorities above before it signs (RFC 5280 §4.2.1.10)', () => {
  const template = serverTemplate(pki.serverKey);
  const named = (...texts: string[]) => ({ ...template, subjectAltNames: texts.map(parseSubjectName) });
  const permitted = ['example.com', '127.0.0.0/8'].map(parseGeneralSubtree);
  const profile = { ...intermediateProfile(), nameConstraints: { permitted } };
  const constrained = issueCertificate(
    { ...intermediateTemplate(pki.intermediateKey), profile },
    rootAuthority,
  );
  const key = { signer: signerFromKey(pki.intermediateKey), randomBytes };
  const issuers = [
    createIssuer({ certificate: constrained.pem, ...key }),
    createIssuer({ certificate: pki.intermediate.pem, chain: constrained.pem + pki.root.pem, ...key }),
  ];
  for (const issuer of issuers) {
    assert.ok(issuer.issue(named('a.example.com', '*.example.com', '127.0.0.1')));
    for (const text of ['example.org', '10.0.0.1', '::1'])
      assertRefused('name_constraint_violated', () => issuer.issue(named('a.example.com', text)));
  }
});

test('writes name constraints that openssl prints correctly', { skip: skipWithoutOpenssl }, () => {
  const nameConstraints = {
    permitted: ['example.com', '10.0.0.0/8'].map(parseGeneralSubtree),
    excluded: [parseGeneralSubtree('email:.example.com'), directorySubtree({ country: 'FR' })],
  };
  const profile = { ...intermediateProfile(), nameConstraints };
  const { pem } = issueCertificate({ ...intermediateTemplate(pki.intermediateKey), profile }, rootAuthority);
  const printed = openssl(['x509', '-in', 'a.pem', '-noout', '-ext', 'nameConstraints'], { 'a.pem': pem });
  for (const text of [
    'critical',
    'DNS:example.com',
    'IP:10.0.0.0/255.0.0.0',
    'email:.example.com',
    'DirName:C = FR',
  ])
    assert.ok(printed.includes(text), `${text} in ${printed}`);
});

test('computes the key identifier of an authority without subjectKeyIdentifier (RFC 5280 §4.2.1.1)', async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const plain = await peculiar.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Plain',
    keys,
    notAfter: SERVER_NOT_AFTER,
    extensions: [new peculiar.BasicConstraintsExtension(true, undefined, true)],
  });
  const signer = { ...rootAuthority.signer, publicKey: new Uint8Array(plain.publicKey.rawData) };
  const issuer = createIssuer({ certificate: new Uint8Array(plain.rawData), signer, randomBytes });
  const { authorityKeyIdentifier } = readCertificate(issuer.issue(serverTemplate(pki.serverKey)).der);
  assert.match(authorityKeyIdentifier ?? '', /^[0-9a-f]{40}$/);
});

test('signs a server certificate with its own key, as tests need it', { skip: skipWithoutOpenssl }, () => {
  const key = generatePrivateKey('P-256');
  const { publicKey: _, ...template } = serverTemplate(key);
  const { pem } = selfSignCertificate(
    { ...template, profile: serverProfile() },
    { signer: signerFromKey(key), randomBytes },
  );
  const verify = [
    'verify',
    '-x509_strict',
    '-check_ss_sig',
    '-CAfile',
    'own.pem',
    '-attime',
    '1798761600',
    'own.pem',
  ];
  assert.match(openssl(verify, { 'own.pem': pem }), /own\.pem: OK/);
});

test('applies the same rules to self-signed certificates', () => {
  const key = { signer: signerFromKey(pki.rootKey), randomBytes };
  const template = {
    profile: rootProfile(),
    subject: { commonName: 'R' },
    notBefore: NOT_BEFORE,
    notAfter: SERVER_NOT_AFTER,
  };
  assertRefused('subject_missing', () => selfSignCertificate({ ...template, subject: {} }, key));
  assertRefused('validity_invalid', () => selfSignCertificate({ ...template, notAfter: NOT_BEFORE }, key));
  assertRefused('profile_invalid', () =>
    selfSignCertificate({ ...template, profile: { basicConstraints: { isCa: true } } }, key),
  );
});
