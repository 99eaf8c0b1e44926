// OCSP answers against openssl, ocsptool and pkijs, and who may give them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as pkijs from 'pkijs';
import { X509Error } from '../../src/errors.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { readOcspResponse } from '../../src/ocsp/parse-response.ts';
import { createOcspRequest, readOcspRequest } from '../../src/ocsp/request.ts';
import {
  createOcspResponder,
  encodeOcspError,
  type OcspAuthority,
  type OcspKnowledge,
} from '../../src/ocsp/responder.ts';
import type { OcspError, OcspStatus } from '../../src/ocsp/status.ts';
import { verifyOcspResponse } from '../../src/ocsp/verify-response.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { runProgram, skipWithout } from '../support/programs.ts';
import { AT, AT_SECONDS, createRevocationPki, knowledge } from '../support/revocation.ts';

const run = promisify(execFile);
const pki = createRevocationPki();
const question = { certificate: pki.server.pem, issuer: pki.intermediate.pem };
const REVOKED: OcspStatus = {
  status: 'revoked',
  revokedAt: new Date('2026-06-01T00:00:00Z'),
  reason: 'keyCompromise',
};
const files = { 'root.pem': pki.root.pem, 'issuer.pem': pki.intermediate.pem, 'server.pem': pki.server.pem };

const answer = (status: OcspStatus, request = createOcspRequest(question)) =>
  pki.responder.respond(readOcspRequest(request), knowledge(status));

/** What openssl prints about the server certificate when it asks a responder over HTTP, with a nonce. */
async function opensslVerdict(status: OcspStatus, digest: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const der = Buffer.concat(await Array.fromAsync(request));
    response.setHeader('content-type', 'application/ocsp-response');
    response.end(pki.responder.respond(readOcspRequest(der), knowledge(status)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'x509-'));
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const { port } = server.address() as AddressInfo;
    // With this validity period openssl accepts answers of any time. Its clock for answers cannot be set.
    const args = `ocsp -issuer issuer.pem -${digest} -cert server.pem -CAfile root.pem -verify_other issuer.pem -attime ${AT_SECONDS} -validity_period 999999999 -url http://127.0.0.1:${port}/`;
    const { stdout, stderr } = await run('openssl', args.split(' '), { cwd: folder });
    return stdout + stderr;
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}

for (const digest of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
  test(`answers a request of openssl with ${digest}, with each status and the nonce (RFC 6960 §4.2)`, {
    skip: skipWithoutOpenssl,
  }, async () => {
    const good = await opensslVerdict({ status: 'good' }, digest);
    assert.match(good, /Response verify OK/);
    assert.match(good, /server\.pem: good/);
    assert.match(await opensslVerdict({ status: 'unknown' }, digest), /server\.pem: unknown/);
    const revoked = await opensslVerdict(REVOKED, digest);
    assert.match(revoked, /server\.pem: revoked/);
    assert.match(revoked, /Reason: keyCompromise\s+Revocation Time: Jun {2}1 00:00:00 2026/);
  });
}

test('ocsptool reads it and verifies the signature', {
  skip: skipWithout('ocsptool', 'gnutls-bin'),
}, () => {
  // ocsptool uses the system clock for answers.
  const request = readOcspRequest(createOcspRequest(question));
  const der = pki.responder.respond(request, knowledge(REVOKED, new Date()));
  const args =
    '--verify-response --load-response answer.der --load-trust issuer.pem --load-issuer issuer.pem';
  const verified = runProgram('ocsptool', {
    args: args.split(' '),
    files: { ...files, 'answer.der': der },
  });
  assert.match(verified.toString(), /Certificate Status: revoked/);
  assert.match(verified.toString(), /Verifying OCSP Response: Success/);
});

test('pkijs reads it and verifies the signature', async () => {
  const [issuer, server] = [pki.intermediate, pki.server].map(({ der }) =>
    pkijs.Certificate.fromBER(Uint8Array.from(der).buffer),
  );
  const response = pkijs.OCSPResponse.fromBER(Uint8Array.from(answer(REVOKED)).buffer);
  const octets = response.responseBytes?.response.valueBlock.valueHexView ?? new Uint8Array();
  const basic = pkijs.BasicOCSPResponse.fromBER(Uint8Array.from(octets).buffer);
  assert.ok(await basic.verify({ trustedCerts: [issuer as pkijs.Certificate] }));
  const { isForCertificate, status } = await response.getCertificateStatus(
    server as pkijs.Certificate,
    issuer as pkijs.Certificate,
  );
  assert.deepEqual([isForCertificate, status], [true, 1]);
});

test('answers several questions in one request, and knows only its own issuer', () => {
  const [ours, foreign] = [question, { ...question, issuer: pki.root.pem }].flatMap(
    (each) => readOcspRequest(createOcspRequest(each)).requests,
  );
  assert.ok(ours && foreign);
  const asked: string[] = [];
  const response = pki.responder.respond(
    { requests: [ours, foreign, ours] },
    {
      ...knowledge(REVOKED),
      statusOf: (serialNumber) => {
        asked.push(serialNumber);
        return { status: 'good' };
      },
    },
  );
  const { basic } = readOcspResponse(response);
  assert.deepEqual(
    basic?.answers.map(({ status }) => status.status),
    ['good', 'unknown', 'good'],
  );
  assert.deepEqual(
    basic?.answers.map(({ certId }) => Buffer.from(certId)),
    [ours, foreign, ours].map(({ certId }) => Buffer.from(certId)),
  );
  assert.deepEqual(asked, [ours.serialNumber, ours.serialNumber]);
});

test('names itself by its key, includes its certificate, and drops fractions of seconds (RFC 6960 §4.2.2.3)', () => {
  const request = readOcspRequest(createOcspRequest(question));
  const at = new Date(AT.getTime() + 999);
  const { basic } = readOcspResponse(pki.responder.respond(request, knowledge({ status: 'good' }, at)));
  assert.ok(basic && 'keyHash' in basic.responderId);
  assert.deepEqual(basic.certificates.map(Buffer.from), [Buffer.from(pki.delegate.der)]);
  assert.deepEqual([basic.producedAt, basic.answers[0]?.thisUpdate], [AT, AT]);
  assert.equal(basic.nonce, undefined);
});

test('answers our own requests in each hash algorithm, and the answers verify', () => {
  for (const hashAlgorithm of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
    const request = createOcspRequest({ ...question, hashAlgorithm });
    assert.equal(readOcspRequest(request).requests[0]?.hashAlgorithm, hashAlgorithm);
    const response = readOcspResponse(answer(REVOKED, request));
    assert.deepEqual(verifyOcspResponse(response, { ...question, at: AT }), REVOKED, hashAlgorithm);
  }
});

/** The dates of the answer about the server certificate. */
function datesOf(change: Partial<OcspKnowledge>, issuer = pki.intermediate.pem) {
  const request = readOcspRequest(createOcspRequest({ ...question, issuer }));
  const der = pki.responder.respond(request, { ...knowledge({ status: 'good' }), ...change });
  const [single] = readOcspResponse(der).basic?.answers ?? [];
  return { thisUpdate: single?.thisUpdate, nextUpdate: single?.nextUpdate };
}

const { notAfter: delegateEnd } = readCertificate(pki.delegate.der);
const later = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000);

test('no answer lasts longer than the certificate of its signer', () => {
  for (const issuer of [pki.intermediate.pem, pki.root.pem]) {
    const end = (nextUpdate: Date) => datesOf({ nextUpdate }, issuer).nextUpdate;
    assert.deepEqual(end(later(delegateEnd, -1)), later(delegateEnd, -1));
    assert.deepEqual(end(later(delegateEnd, 1)), delegateEnd);
    assert.deepEqual(end(new Date('2090-01-01')), delegateEnd);
  }
});

test('gives no answer once the certificate of its signer has expired', () => {
  const at = (date: Date) => datesOf({ thisUpdate: date, producedAt: date, nextUpdate: later(date, 60) });
  assert.deepEqual(at(later(delegateEnd, 0.9)).nextUpdate, delegateEnd);
  assert.throws(
    () => at(later(delegateEnd, 1)),
    (error) => error instanceof X509Error && error.code === 'certificate_expired',
  );
});

test('no answer lasts longer than the certificate that it is about, if the caller gives its end', () => {
  const asked: string[] = [];
  const end = (notAfter: Date | undefined) => {
    const notAfterOf = (serialNumber: string) => {
      asked.push(serialNumber);
      return notAfter;
    };
    return datesOf({ notAfterOf }).nextUpdate;
  };
  const nextUpdate = later(AT, 3600);
  assert.deepEqual(end(later(AT, 60)), later(AT, 60));
  assert.deepEqual(end(later(AT, 7200)), nextUpdate);
  assert.deepEqual(end(undefined), nextUpdate);
  assert.deepEqual(end(later(AT, -60)), AT);
  assert.deepEqual(new Set(asked), new Set([pki.server.serialNumber]));
  assert.deepEqual(datesOf({ notAfterOf: () => AT }, pki.root.pem).nextUpdate, nextUpdate);
});

test('leaves the reason out if it is unspecified (RFC 5280 §5.3.1)', () => {
  const bare = { status: 'revoked', revokedAt: AT } as const;
  const data = (status: OcspStatus) => readOcspResponse(answer(status)).basic?.tbs;
  assert.deepEqual(data({ ...bare, reason: 'unspecified' }), data(bare));
});

test('the issuer may answer itself (RFC 6960 §4.2.2.2)', () => {
  const responder = createOcspResponder({
    certificate: pki.intermediate.der,
    issuer: pki.intermediate.der,
    signer: pki.issuerSigner,
  });
  const request = readOcspRequest(createOcspRequest(question));
  const { basic } = readOcspResponse(responder.respond(request, knowledge({ status: 'good' })));
  assert.equal(basic?.answers[0]?.status.status, 'good');
});

test('refuses a responder without OCSPSigning, of another issuer, or with another key (RFC 6960 §4.2.2.2)', () => {
  const delegated = {
    certificate: pki.delegate.pem,
    issuer: pki.intermediate.pem,
    signer: signerFromKey(pki.responderKey),
  };
  const refuse = (change: Partial<OcspAuthority>) =>
    assert.throws(
      () => createOcspResponder({ ...delegated, ...change }),
      (error) => error instanceof X509Error && error.code === 'issuer_invalid',
    );
  refuse({ certificate: pki.server.pem, signer: signerFromKey(pki.serverKey) });
  refuse({ issuer: pki.root.pem });
  refuse({ issuer: createRevocationPki().intermediate.pem });
  refuse({ signer: pki.issuerSigner });
});

test('reports in one octet why there is no answer (RFC 6960 §2.3)', { skip: skipWithoutOpenssl }, () => {
  const expected: [OcspError, RegExp][] = [
    ['malformedRequest', /malformedrequest \(1\)/],
    ['internalError', /internalerror \(2\)/],
    ['tryLater', /trylater \(3\)/],
    ['unauthorized', /unauthorized \(6\)/],
  ];
  for (const [status, printed] of expected) {
    const der = encodeOcspError(status);
    assert.equal(readOcspResponse(der).responseStatus, status);
    const args = ['ocsp', '-respin', 'answer.der', '-resp_text', '-noverify'];
    assert.throws(() => openssl(args, { 'answer.der': der }), printed);
  }
});
