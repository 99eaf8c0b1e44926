// Certification requests against openssl, @peculiar/x509 and pkijs, and every refusal.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import * as pkijs from 'pkijs';
import {
  type Der,
  encodeDer,
  explicit,
  implicit,
  integer,
  octetString,
  sequence,
  setOf,
} from '../../src/der/write.ts';
import { DerError, X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { subjectAltName } from '../../src/issue/extensions.ts';
import { createRequest, readRequest, verifyRequest } from '../../src/issue/request.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { parseSubjectName } from '../../src/names/general-name.ts';
import { encodeName } from '../../src/names/name.ts';
import { encodeSigned } from '../../src/signed.ts';
import { anyExtension } from '../support/forge.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { peculiar } from '../support/peculiar.ts';

const EXTENSION_REQUEST = Buffer.from('06092a864886f70d01090e', 'hex');
const CHALLENGE_PASSWORD = Buffer.from('06092a864886f70d010907', 'hex');
const key = generatePrivateKey('P-256');
const signer = signerFromKey(key);
const NAMES = ['a.example', '10.0.0.1', 'ann@a.example', 'urn:a:b'].map(parseSubjectName);
const ours = createRequest({ subject: { country: 'DE', commonName: 'Ann' }, subjectAltNames: NAMES }, signer);

function assertRefused(code: X509ErrorCode, act: () => unknown): void {
  assert.throws(act, (error) => error instanceof X509Error && error.code === code);
}

/** A signed request with these attributes in DER. */
function withAttributes(...attributes: Der[]) {
  const info = sequence(
    integer(0),
    encodeName({ commonName: 'x' }),
    signer.publicKey,
    implicit(0, setOf(...attributes)),
  );
  return encodeSigned(encodeDer(info), signer);
}
const requestOf = (...extensions: Der[]) => sequence(EXTENSION_REQUEST, setOf(sequence(...extensions)));

test('reads back the requests that it writes, with names and key (RFC 2986 §4)', () => {
  const request = readRequest(ours.pem);
  assert.deepEqual(readRequest(ours.der), request);
  assert.equal(request.subject.text, 'CN=Ann,C=DE');
  assert.deepEqual(request.extensions.subjectAltNames, NAMES);
  assert.deepEqual(request.requestedExtensions, [{ oid: '2.5.29.17', isCritical: false }]);
  assert.deepEqual(Buffer.from(request.spki), Buffer.from(encodeSpki(createPublicKey(key))));
  verifyRequest(request);
});

for (const type of ['P-256', 'P-384', 'Ed25519', 'RSA-2048'] as const) {
  test(`makes ${type} requests that openssl verifies and prints correctly`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const made = createRequest(
      { subject: { commonName: 'Ann' }, subjectAltNames: NAMES },
      signerFromKey(generatePrivateKey(type)),
    );
    const printed = openssl(['req', '-in', 'a.csr', '-verify', '-noout', '-text'], { 'a.csr': made.pem });
    assert.match(printed, /Subject: CN = Ann/);
    assert.match(printed, /DNS:a\.example, IP Address:10\.0\.0\.1, email:ann@a\.example, URI:urn:a:b/);
  });
}

test('makes and reads ML-DSA-65 requests (RFC 9881)', () => {
  const request = readRequest(
    createRequest({ subject: { commonName: 'x' } }, signerFromKey(generatePrivateKey('ML-DSA-65'))).der,
  );
  verifyRequest(request);
  assert.deepEqual([request.requestedExtensions, request.extensions.isCa], [[], false]);
});

test('makes requests that @peculiar/x509 and pkijs read and verify', async () => {
  const theirs = new peculiar.Pkcs10CertificateRequest(ours.pem);
  assert.equal(theirs.subject, 'C=DE, CN=Ann');
  assert.ok(await theirs.verify());
  pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: globalThis.crypto }));
  assert.ok(await pkijs.CertificationRequest.fromBER(Uint8Array.from(ours.der)).verify());
});

test('reads and verifies requests of @peculiar/x509', async () => {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, [
    'sign',
    'verify',
  ]);
  const theirs = await peculiar.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=Peculiar',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-384' },
    extensions: [
      new peculiar.BasicConstraintsExtension(true, 2, true),
      new peculiar.SubjectAlternativeNameExtension([{ type: 'dns', value: 'b.example' }]),
    ],
    attributes: [new peculiar.ChallengePasswordAttribute('secret')],
  });
  const request = readRequest(theirs.toString('pem'));
  verifyRequest(request);
  assert.deepEqual(request.requestedExtensions, [
    { oid: '2.5.29.19', isCritical: true },
    { oid: '2.5.29.17', isCritical: false },
  ]);
  assert.deepEqual(
    [request.extensions.isCa, request.extensions.subjectAltNames[0]],
    [true, { type: 'dNSName', value: 'b.example' }],
  );
});

test('reads and verifies requests of openssl, also with the label NEW (RFC 7468 §7)', {
  skip: skipWithoutOpenssl,
}, () => {
  const args = [
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'k.pem',
    '-subj',
    '/C=DE/O=A/CN=b',
  ];
  for (const more of [[], ['-newhdr'], ['-addext', 'subjectAltName=DNS:c.example,IP:::1'], ['-sha512']]) {
    const request = readRequest(openssl([...args, ...more]));
    verifyRequest(request);
    assert.equal(request.subject.text, 'CN=b,O=A,C=DE');
  }
});

test('refuses a request that another key signed, or that was changed (RFC 2986 §3)', () => {
  const request = readRequest(ours.der);
  const other = readRequest(
    createRequest({ subject: { commonName: 'x' } }, signerFromKey(generatePrivateKey('P-256'))).der,
  );
  assertRefused('request_signature_invalid', () => verifyRequest({ ...request, spki: other.spki }));
  assertRefused('request_signature_invalid', () => verifyRequest({ ...request, tbs: other.tbs }));
  assertRefused('request_signature_invalid', () => verifyRequest({ ...request, signature: Buffer.of(0) }));
});

test('refuses a request without a name, and names that a certificate cannot have', () => {
  assertRefused('subject_missing', () => createRequest({ subject: {} }, signer));
  assertRefused('name_invalid', () => createRequest({ subject: { country: 'Germany' } }, signer));
  assertRefused('general_name_invalid', () =>
    createRequest({ subject: {}, subjectAltNames: [{ type: 'dNSName', value: 'a b' }] }, signer),
  );
});

test('marks the names critical if the subject is empty (RFC 5280 §4.2.1.6)', () => {
  const { der } = createRequest({ subject: {}, subjectAltNames: NAMES }, signer);
  assert.deepEqual(readRequest(der).requestedExtensions, [{ oid: '2.5.29.17', isCritical: true }]);
});

test('skips unknown attributes, in any order', () => {
  const password = sequence(CHALLENGE_PASSWORD, setOf(octetString(Buffer.from('x'))));
  const wish = requestOf(subjectAltName(NAMES, { isCritical: false }));
  const info = sequence(integer(0), encodeName({}), signer.publicKey, implicit(0, sequence(wish, password)));
  const unsorted = encodeSigned(encodeDer(info), signer);
  assert.deepEqual(readRequest(unsorted).extensions.subjectAltNames, NAMES);
  assert.deepEqual(readRequest(withAttributes(password)).requestedExtensions, []);
});

test('reads a request without the field of attributes', () => {
  const info = encodeDer(sequence(integer(0), encodeName({ commonName: 'x' }), signer.publicKey));
  verifyRequest(readRequest(encodeSigned(info, signer)));
});

test('refuses two extensionRequests, an empty one, and the same extension twice (RFC 2985 §5.4.2, RFC 5280 §4.2)', () => {
  const one = anyExtension('1.2.3', Buffer.from('0500', 'hex'));
  const other = anyExtension('1.2.4', Buffer.from('0500', 'hex'));
  for (const attributes of [
    [requestOf(one), requestOf(other)],
    [sequence(EXTENSION_REQUEST, setOf(sequence(one), sequence(other)))],
    [requestOf()],
    [requestOf(one, one)],
    [sequence(EXTENSION_REQUEST, setOf())],
  ]) {
    assert.throws(() => readRequest(withAttributes(...attributes)), DerError);
  }
});

test('refuses another version, and PEM of other objects (RFC 2986 §4.1)', () => {
  const info = sequence(integer(1), encodeName({}), signer.publicKey, explicit(0, setOf()));
  assert.throws(() => readRequest(encodeSigned(encodeDer(info), signer)), DerError);
  assertRefused('pem_invalid', () => readRequest(ours.pem.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')));
  assertRefused('pem_invalid', () => readRequest(ours.pem + ours.pem));
  assertRefused('pem_invalid', () => readRequest(''));
});

test('returns a request or throws X509Error for every truncation and mutation', () => {
  for (let length = 1; length < ours.der.length; length++)
    assert.throws(() => readRequest(ours.der.subarray(0, length)), DerError);
  fc.assert(
    fc.property(fc.nat(ours.der.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const mutated = Buffer.from(ours.der);
      mutated[index] = (mutated[index] ?? 0) ^ change;
      try {
        verifyRequest(readRequest(mutated));
        assert.fail('a mutated request verified');
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
