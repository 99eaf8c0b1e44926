// OCSP requests: openssl and ocsptool read ours, and we read theirs and refuse other forms.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  boolean,
  type Der,
  encodeDer,
  explicit,
  ia5String,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { encodeCertId, hashIssuer, isSameIssuer } from '../../src/ocsp/cert-id.ts';
import { createOcspRequest, readOcspRequest } from '../../src/ocsp/request.ts';
import { OCSP } from '../../src/oids.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { createRevocationPki } from '../support/revocation.ts';

const pki = createRevocationPki();
const question = { certificate: pki.server.pem, issuer: pki.intermediate.pem };
const certId = encodeCertId(pki.issuerCertificate, pki.server.serialNumber);
const files = {
  'server.pem': pki.server.pem,
  'other.pem': pki.other.pem,
  'issuer.pem': pki.intermediate.pem,
};

/** A request for one certificate with this value of the nonce extension. */
function withNonce(value: Der): Buffer {
  const nonce = sequence(objectIdentifier(OCSP.nonce), octetString(value));
  return encodeDer(sequence(sequence(sequence(sequence(certId)), explicit(2, sequence(nonce)))));
}

function assertRefused(der: Uint8Array, code: X509ErrorCode, message: RegExp): void {
  assert.throws(
    () => readOcspRequest(der),
    (error) => error instanceof X509Error && error.code === code && message.test(error.message),
  );
}

test('writes a request that openssl reads, and reads it back (RFC 6960 §4.1)', {
  skip: skipWithoutOpenssl,
}, () => {
  const nonce = randomBytes(32);
  const der = createOcspRequest({ ...question, nonce });
  const printed = openssl(['ocsp', '-reqin', 'request.der', '-req_text', '-noverify'], {
    'request.der': der,
  });
  assert.match(printed, new RegExp(`Serial Number: ${pki.server.serialNumber}`, 'i'));
  assert.match(printed, new RegExp(`OCSP Nonce: \\s+0420${nonce.toString('hex')}`, 'i'));
  const { requests, nonce: read } = readOcspRequest(der);
  assert.deepEqual(read, nonce);
  assert.equal(requests.length, 1);
  assert.equal(requests[0]?.serialNumber, pki.server.serialNumber);
  assert.ok(requests[0] && isSameIssuer(requests[0], hashIssuer(pki.issuerCertificate, 'sha1')));
});

test('writes no nonce if none is given', () => {
  assert.equal(readOcspRequest(createOcspRequest(question)).nonce, undefined);
});

for (const algorithm of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
  test(`reads requests of openssl with ${algorithm}, for several certificates at once`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const args = `ocsp -issuer issuer.pem -${algorithm} -cert server.pem -${algorithm} -cert other.pem -reqout request.der`;
    const der = runProgram('openssl', { args: args.split(' '), files, output: 'request.der' });
    const { requests, nonce } = readOcspRequest(der);
    assert.deepEqual(
      requests.map(({ serialNumber }) => serialNumber),
      [pki.server.serialNumber, pki.other.serialNumber],
    );
    const issuer = hashIssuer(pki.issuerCertificate, algorithm);
    assert.ok(requests.every((request) => isSameIssuer(request, issuer)));
    assert.equal(nonce?.length, 16);
  });
}

test('reads a request that openssl signed, and skips the signature (RFC 6960 §4.1.2)', {
  skip: skipWithoutOpenssl,
}, () => {
  const args =
    'ocsp -issuer issuer.pem -cert server.pem -signer server.pem -signkey server.key -reqout request.der';
  const der = runProgram('openssl', {
    args: args.split(' '),
    files: { ...files, 'server.key': pki.serverKey.export({ type: 'pkcs8', format: 'pem' }) },
    output: 'request.der',
  });
  assert.equal(readOcspRequest(der).requests[0]?.serialNumber, pki.server.serialNumber);
});

test('reads requests of ocsptool', { skip: skipWithout('ocsptool', 'gnutls-bin') }, () => {
  const der = runProgram('ocsptool', {
    args: '--generate-request --load-issuer issuer.pem --load-cert server.pem --outfile request.der'.split(
      ' ',
    ),
    files,
    output: 'request.der',
  });
  assert.equal(readOcspRequest(der).requests[0]?.serialNumber, pki.server.serialNumber);
});

test('accepts nonces of 1 to 128 octets and no others (RFC 9654 §2.1)', () => {
  for (const length of [1, 16, 32, 128]) {
    assert.equal(
      readOcspRequest(createOcspRequest({ ...question, nonce: randomBytes(length) })).nonce?.length,
      length,
    );
  }
  assertRefused(withNonce(octetString(new Uint8Array())), 'der_invalid', /1 to 128 octets/);
  assertRefused(withNonce(octetString(new Uint8Array(129))), 'der_invalid', /1 to 128 octets/);
  assertRefused(withNonce(Uint8Array.of(1, 2, 3)), 'der_invalid', /expected tag 0x04/);
  for (const length of [0, 129]) {
    assert.throws(() => createOcspRequest({ ...question, nonce: new Uint8Array(length) }), TypeError);
  }
});

test('refuses more than 16 certificates, none, and more than 16 KiB', () => {
  const requestFor = (count: number) =>
    encodeDer(sequence(sequence(sequence(...Array.from({ length: count }, () => sequence(certId))))));
  assert.equal(readOcspRequest(requestFor(16)).requests.length, 16);
  assertRefused(requestFor(17), 'ocsp_invalid', /at most 16/);
  assertRefused(requestFor(0), 'der_invalid', /must not be empty/);
  assertRefused(new Uint8Array(16_385), 'ocsp_invalid', /at most 16384/);
});

test('refuses unknown critical extensions, and ignores others (RFC 6960 §4.4)', () => {
  const extension = (isCritical: boolean) =>
    sequence(objectIdentifier('1.2.3'), ...(isCritical ? [boolean(true)] : []), octetString(nullValue()));
  const inSingle = (isCritical: boolean) =>
    encodeDer(sequence(sequence(sequence(sequence(certId, explicit(0, sequence(extension(isCritical))))))));
  const inRequest = (isCritical: boolean) =>
    encodeDer(sequence(sequence(sequence(sequence(certId)), explicit(2, sequence(extension(isCritical))))));
  for (const make of [inSingle, inRequest]) {
    assert.equal(readOcspRequest(make(false)).requests.length, 1);
    assertRefused(make(true), 'ocsp_invalid', /1\.2\.3/);
  }
});

test('skips the name of the requestor, and refuses the default version (RFC 6960 §4.1.1)', () => {
  const name = explicit(1, implicit(1, ia5String('a@example.com')));
  const list = sequence(sequence(certId));
  assert.equal(readOcspRequest(encodeDer(sequence(sequence(name, list)))).requests.length, 1);
  assertRefused(encodeDer(sequence(sequence(explicit(0, integer(0)), list))), 'der_invalid', /expected tag/);
});

test('returns a request or throws X509Error for every mutation of a request', () => {
  const whole = createOcspRequest({ ...question, nonce: new Uint8Array(16) });
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length));
  fc.assert(
    fc.property(change, ([index, octet, length]) => {
      const mutated = Buffer.from(whole.subarray(0, length));
      if (index < length) mutated[index] = octet;
      try {
        readOcspRequest(mutated);
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
