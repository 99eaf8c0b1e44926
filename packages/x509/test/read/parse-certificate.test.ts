// Reading certificates: the same fields as node, refusals of malformed ones, and no input that breaks the
// reader.
import assert from 'node:assert/strict';
import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Der, encodeDer, explicit, integer, octetString, sequence, time } from '../../src/der/write.ts';
import { DerError, X509Error } from '../../src/errors.ts';
import { encodeSignatureAlgorithm } from '../../src/keys/signer.ts';
import { encodeName } from '../../src/names/name.ts';
import { readCertificate, readCertificates } from '../../src/read/parse-certificate.ts';
import { decodePem } from '../../src/read/pem.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { peculiar } from '../support/peculiar.ts';
import { createPki, INTERMEDIATE_NOT_AFTER, NOT_BEFORE } from '../support/pki.ts';

const pki = createPki();
const SYSTEM_ROOTS = '/etc/ssl/certs/ca-certificates.crt';

/** A certificate. Tests may replace its parts, and its signature is not valid. */
function assemble(
  parts: Partial<Record<'version' | 'serial' | 'inner' | 'outer' | 'tail', Der | Der[]>>,
): Buffer {
  const ecdsa = encodeSignatureAlgorithm('ecdsa-p256-sha256');
  const {
    version = explicit(0, integer(2)),
    serial = integer(1),
    inner = ecdsa,
    outer = ecdsa,
    tail = [],
  } = parts;
  const name = encodeName({ commonName: 'x' });
  const validity = sequence(time(NOT_BEFORE), time(INTERMEDIATE_NOT_AFTER));
  const body = [
    version,
    serial,
    inner,
    name,
    validity,
    name,
    readCertificate(pki.root.der).spki,
    tail,
  ].flat();
  return encodeDer(sequence(sequence(...body), ...[outer].flat(), Buffer.from('030100', 'hex')));
}

test('reads every field of our own certificates', () => {
  const view = readCertificate(pki.intermediate.pem);
  assert.equal(view.serialNumber, pki.intermediate.serialNumber);
  assert.equal(view.subject.text, 'CN=Test Intermediate,O=Exämple\\, \\"Test\\",C=DE');
  assert.equal(view.issuer.text, 'CN=Test Root');
  assert.deepEqual([view.notBefore, view.notAfter], [NOT_BEFORE, INTERMEDIATE_NOT_AFTER]);
  assert.deepEqual(view.subjectAltNames, []);
  assert.match(view.subjectKeyIdentifier ?? '', /^[0-9a-f]{40}$/);
  assert.deepEqual(readCertificate(pki.server.der).subjectAltNames, [
    { type: 'dNSName', value: 'localhost' },
    { type: 'dNSName', value: '*.example.com' },
    { type: 'iPAddress', value: '127.0.0.1' },
    { type: 'iPAddress', value: '::1' },
  ]);
});

test('reads the same from DER, PEM text and PEM octets, and copies the input', () => {
  const der = Buffer.from(pki.server.der);
  const fromDer = readCertificate(der);
  assert.deepEqual(readCertificate(pki.server.pem), fromDer);
  assert.deepEqual(readCertificate(Buffer.from(pki.server.pem)), fromDer);
  der.fill(0);
  assert.deepEqual(fromDer.der, pki.server.der);
});

test('refuses PEM without a certificate, with several, or with other objects', () => {
  for (const pem of [
    '',
    pki.server.pem + pki.root.pem,
    pki.server.pem.replaceAll('CERTIFICATE', 'X509 CRL'),
  ]) {
    assert.throws(
      () => readCertificate(pem),
      (error) => error instanceof X509Error && error.code === 'pem_invalid',
    );
  }
});

test('reads bundles in PEM, and one certificate in DER, and refuses empty input', () => {
  const [root, server] = [readCertificate(pki.root.der), readCertificate(pki.server.der)];
  assert.deepEqual(readCertificates(`# root\n${pki.root.pem}\n# server\n${pki.server.pem}`), [root, server]);
  assert.deepEqual(readCertificates(pki.root.der), [root]);
  for (const text of ['', 'no PEM', pki.root.pem + pki.server.pem.replaceAll('CERTIFICATE', 'X509 CRL')])
    assert.throws(
      () => readCertificates(text),
      (error) => error instanceof X509Error && error.code === 'pem_invalid',
    );
  assert.throws(
    () => readCertificates('x'.repeat(10 * 1024 * 1024 + 1)),
    (error) => error instanceof X509Error && error.code === 'pem_too_large',
  );
});

test('returns the signed octets, the algorithm and the signature (RFC 5280 §4.1.1)', () => {
  const { tbs, signatureAlgorithm, signature } = readCertificate(pki.server.der);
  assert.deepEqual(Buffer.from(signatureAlgorithm), encodeSignatureAlgorithm('ecdsa-p256-sha256'));
  assert.ok(verify('sha256', tbs, createPublicKey(pki.intermediateKey), signature));
});

test('reads certificates of @peculiar/x509', async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, [
    'sign',
    'verify',
  ]);
  const theirs = await peculiar.X509CertificateGenerator.createSelfSigned({
    serialNumber: '00ff01',
    name: 'CN=Peculiar, O="A, B", C=DE',
    notBefore: NOT_BEFORE,
    notAfter: INTERMEDIATE_NOT_AFTER,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
    keys,
    extensions: [
      new peculiar.BasicConstraintsExtension(true, 3, true),
      new peculiar.KeyUsagesExtension(
        peculiar.KeyUsageFlags.keyCertSign | peculiar.KeyUsageFlags.digitalSignature,
        true,
      ),
      new peculiar.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2', '1.2.3.4']),
      await peculiar.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await peculiar.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      new peculiar.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'a.example' },
        { type: 'ip', value: '10.0.0.1' },
        { type: 'email', value: 'a@b.example' },
        { type: 'url', value: 'https://a.example/' },
        { type: 'dn', value: 'CN=x' },
      ]),
      new peculiar.Extension('1.2.3', true, Buffer.from('0500', 'hex')),
    ],
  });
  const view = readCertificate(theirs.toString('pem'));
  assert.equal(view.subject.text, 'C=DE,O=A\\, B,CN=Peculiar');
  assert.deepEqual([view.serialNumber, view.isCa, view.pathLength], ['ff01', true, 3]);
  assert.deepEqual(view.keyUsage, ['digitalSignature', 'keyCertSign']);
  assert.deepEqual(view.extendedKeyUsage, ['clientAuth', '1.2.3.4']);
  assert.equal(view.authorityKeyIdentifier, view.subjectKeyIdentifier);
  assert.deepEqual(
    view.subjectAltNames.map(({ type }) => type),
    ['dNSName', 'iPAddress', 'rfc822Name', 'uniformResourceIdentifier', 'directoryName'],
  );
  assert.deepEqual(view.uninterpretedCritical, ['1.2.3']);
  assert.deepEqual(Buffer.from(view.spki), Buffer.from(theirs.publicKey.rawData));
});

test('reads certificates of openssl', { skip: skipWithoutOpenssl }, () => {
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-subj',
    '/C=DE/CN=openssl',
    '-days',
    '2',
  ];
  const printed = openssl([...request, '-addext', 'subjectAltName=DNS:localhost,IP:::1']);
  const view = readCertificate(printed);
  assert.equal(view.subject.text, 'CN=openssl,C=DE');
  assert.deepEqual([view.isCa, view.subjectAltNames.length], [true, 2]);
});

test('agrees with node on the roots of the system', {
  skip: existsSync(SYSTEM_ROOTS) ? false : 'needs ca-certificates',
}, () => {
  const roots = decodePem(readFileSync(SYSTEM_ROOTS, 'utf8'));
  assert.ok(roots.length > 0);
  for (const { bytes } of roots) {
    const [view, node] = [readCertificate(bytes), new X509Certificate(bytes)];
    assert.equal(BigInt(`0x${view.serialNumber}`), BigInt(`0x${node.serialNumber}`));
    assert.deepEqual(
      [view.notBefore, view.notAfter, view.isCa],
      [node.validFromDate, node.validToDate, node.ca],
    );
    assert.deepEqual(Buffer.from(view.spki), node.publicKey.export({ type: 'spki', format: 'der' }));
    assert.deepEqual(view.subject.der, view.issuer.der);
  }
});

test('reads versions 1 to 3, and serial numbers that are zero or negative (RFC 5280 §4.1.2.1, §4.1.2.2)', () => {
  assert.equal(readCertificate(assemble({ version: [] })).isCa, false);
  assert.equal(
    readCertificate(assemble({ version: explicit(0, integer(1)), tail: Buffer.from('810100820100', 'hex') }))
      .isCa,
    false,
  );
  assert.equal(readCertificate(assemble({ serial: integer(0) })).serialNumber, '00');
  assert.equal(readCertificate(assemble({ serial: integer(-255) })).serialNumber, '-ff');
});

test('refuses the default version, unknown versions, and extensions below version 3 (RFC 5280 §4.1.2.1, §4.1.2.9)', () => {
  const extension = sequence(Buffer.from('06022a03', 'hex'), octetString(Buffer.from('0500', 'hex')));
  const tail = explicit(3, sequence(extension));
  assert.ok(readCertificate(assemble({ tail })));
  assert.throws(() => readCertificate(assemble({ version: explicit(0, integer(0)) })), /written out/);
  assert.throws(() => readCertificate(assemble({ version: explicit(0, integer(3)) })), DerError);
  assert.throws(() => readCertificate(assemble({ version: [], tail })), /trailing octets/);
  assert.throws(
    () => readCertificate(assemble({ version: explicit(0, integer(1)), tail })),
    /trailing octets/,
  );
});

test('refuses two different signature algorithms (RFC 5280 §4.1.1.2)', () => {
  assert.throws(
    () => readCertificate(assemble({ outer: encodeSignatureAlgorithm('ed25519') })),
    /algorithms differ/,
  );
});

test('refuses every truncation, and trailing octets', () => {
  const { der } = pki.server;
  for (let length = 1; length < der.length; length++)
    assert.throws(() => readCertificate(der.subarray(0, length)), DerError);
  assert.throws(() => readCertificate(Buffer.concat([der, Buffer.of(0)])), /trailing octets/);
});

test('returns a certificate or throws X509Error for every change of one octet', () => {
  const { der } = pki.server;
  for (let index = 0; index < der.length; index++) {
    for (const change of [0x01, 0x20, 0x80, 0xff])
      assertOnlyX509Error(Buffer.from(der).fill((der[index] ?? 0) ^ change, index, index + 1));
  }
});

function assertOnlyX509Error(input: Uint8Array): void {
  try {
    readCertificate(input);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
}
