// Recognizing PEM and DER by their octets, and the other blocks that a file may have.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { X509Error } from '../../src/errors.ts';
import { createRequest, readRequest } from '../../src/issue/request.ts';
import { encodePkcs12 } from '../../src/keys/pkcs12/encode-pkcs12.ts';
import { readPkcs12 } from '../../src/keys/pkcs12/read-pkcs12.ts';
import { encodePrivateKey, generatePrivateKey } from '../../src/keys/private-key.ts';
import { readPrivateKey } from '../../src/keys/read-private-key.ts';
import { readPublicKey } from '../../src/keys/read-public-key.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { readCertificate, readCertificates } from '../../src/read/parse-certificate.ts';
import { encodePem } from '../../src/read/pem.ts';
import { isDer } from '../../src/read/pem-or-der.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { createPki } from '../support/pki.ts';

const pki = createPki();
const key = generatePrivateKey('Ed25519');
const keyDer = key.export({ type: 'pkcs8', format: 'der' });
const keyPem = encodePrivateKey(key);
const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
const request = createRequest({ subject: { commonName: 'x' } }, signerFromKey(key));
const curve = encodePem('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'));

/** First lines that begin with the digit 0, which is the first octet of DER. */
const PREAMBLES = ['0', '0 certificates', '0\t', '0.', '00000000 notes', '0x30', '0é', '0€', '0\uFEFF'];

test('reads PEM octets whose text begins with the digit 0, in every reader', () => {
  for (const preamble of PREAMBLES) {
    const octets = (pem: string) => Buffer.from(`${preamble}\n${pem}`);
    assert.deepEqual(readCertificate(octets(pki.server.pem)), readCertificate(pki.server.der), preamble);
    assert.equal(readCertificates(octets(pki.server.pem + pki.root.pem)).length, 2);
    assert.deepEqual(readRequest(octets(request.pem)).der, Buffer.from(request.der));
    assert.ok(readPrivateKey(octets(keyPem)).equals(key));
    assert.ok(readPublicKey(octets(publicPem)).equals(createPublicKey(key)));
  }
  const certificates = [Buffer.from(`${PREAMBLES[0]}\n${pki.server.pem}`)];
  const content = { privateKey: pki.serverKey, certificates, passphrase: 'x' };
  assert.equal(readPkcs12(encodePkcs12(content), 'x').certificates.length, 1);
});

test('agrees with openssl about text that begins with a digit or with dashes', {
  skip: skipWithoutOpenssl,
}, () => {
  for (const preamble of ['0: notes', '----------', '-----']) {
    const pem = `${preamble}\n${pki.server.pem}${preamble}\n`;
    const printed = openssl(['x509', '-in', 'a.pem', '-noout', '-serial'], { 'a.pem': pem });
    const { serialNumber } = readCertificate(Buffer.from(pem));
    assert.equal(printed.trim().toLowerCase(), `serial=${serialNumber}`);
  }
});

test('recognizes DER with any text in it, and damaged DER too', () => {
  for (const der of [pki.server.der, keyDer, request.der]) {
    assert.ok(isDer(der));
    for (let length = 1; length < der.length; length++) assert.ok(isDer(der.subarray(0, length)));
  }
  const text = Buffer.from(`\n${pki.server.pem}`);
  assert.ok(isDer(Buffer.concat([Buffer.of(0x30, 0x82, text.length >> 8, text.length & 0xff), text])));
  assert.ok(isDer(Buffer.from('3000', 'hex')));
  const block = Buffer.from('\n-----BEGIN A-----\nAAAA\n-----END A-----');
  assert.ok(isDer(Buffer.concat([Buffer.of(0x30, block.length), block])));
  for (const other of ['', '1', '-----BEGIN A-----']) assert.ok(!isDer(Buffer.from(other)));
});

test('recognizes UTF-8 text that begins with the digit 0 and has a PEM block', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (preamble) => {
      const octets = Buffer.from(`0${preamble}\n${pki.server.pem}`);
      assert.ok(!isDer(octets));
    }),
  );
});

test('skips keys and parameters beside a certificate, as in the files of web servers', () => {
  for (const pem of [keyPem + pki.server.pem, pki.server.pem + keyPem, curve + publicPem + pki.server.pem]) {
    assert.deepEqual(readCertificate(pem), readCertificate(pki.server.der));
    assert.equal(readCertificates(pem + pki.root.pem).length, 2);
  }
  assert.deepEqual(readRequest(keyPem + request.pem), readRequest(request.der));
});

test('refuses other blocks beside a certificate, and text with only keys', () => {
  const trusted = pki.root.pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE');
  const list = encodePem('X509 CRL', Buffer.of(1));
  for (const pem of [pki.server.pem + trusted, pki.server.pem + list, pki.server.pem + request.pem, keyPem]) {
    for (const read of [readCertificate, readCertificates]) {
      assert.throws(
        () => read(pem),
        (error) => error instanceof X509Error && error.code === 'pem_invalid',
      );
    }
  }
});

test('reads the label that old programs gave certificates (RFC 7468 §5.1)', () => {
  const old = pki.server.pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE');
  assert.deepEqual(readCertificate(old), readCertificate(pki.server.der));
  const content = { privateKey: pki.serverKey, certificates: [old], passphrase: 'x' };
  assert.equal(readPkcs12(encodePkcs12(content), 'x').certificates.length, 1);
});
