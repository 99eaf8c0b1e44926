// Verifying OCSP answers of openssl and of our own responder: accepted ones, and every refusal.
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bitString,
  boolean,
  type Der,
  encodeDer,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from '../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { ocspResponderProfile } from '../../src/issue/profiles.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { encodeSignatureAlgorithm, signerFromKey } from '../../src/keys/signer.ts';
import { encodeCertId } from '../../src/ocsp/cert-id.ts';
import { readOcspResponse } from '../../src/ocsp/parse-response.ts';
import { createOcspRequest, readOcspRequest } from '../../src/ocsp/request.ts';
import { encodeOcspError } from '../../src/ocsp/responder.ts';
import type { OcspStatus } from '../../src/ocsp/status.ts';
import { type OcspExpectation, verifyOcspResponse } from '../../src/ocsp/verify-response.ts';
import { OCSP } from '../../src/oids.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { skipWithoutOpenssl } from '../support/openssl.ts';
import { NOT_BEFORE } from '../support/pki.ts';
import { runProgram } from '../support/programs.ts';
import { AT, createRevocationPki, knowledge } from '../support/revocation.ts';

const GOOD: OcspStatus = { status: 'good' };
const HOUR_MS = 3_600_000;

const pki = createRevocationPki();
const nonce = randomBytes(32);
const question = { certificate: pki.server.pem, issuer: pki.intermediate.pem };
const request = readOcspRequest(createOcspRequest({ ...question, nonce }));
const good = pki.responder.respond(request, knowledge(GOOD));

const verify = (der: Uint8Array, change: Partial<OcspExpectation> = {}) =>
  verifyOcspResponse(readOcspResponse(der), { ...question, at: AT, ...change });

function assertRefused(code: X509ErrorCode, message: RegExp, act: () => unknown): void {
  assert.throws(
    act,
    (error) => error instanceof X509Error && error.code === code && message.test(error.message),
  );
}

interface ForgedAnswer {
  readonly signer?: { readonly certificate: Uint8Array; readonly key: KeyObject };
  readonly certificates?: readonly Uint8Array[];
  readonly nextUpdate?: Der;
  readonly singleExtensions?: readonly Der[];
}

/** A signed answer with parts that our responder would not write. */
function forgeAnswer({
  signer = { certificate: pki.delegate.der, key: pki.responderKey },
  certificates = [signer.certificate],
  ...parts
}: ForgedAnswer): Buffer {
  const single = sequence(
    encodeCertId(pki.issuerCertificate, pki.server.serialNumber),
    implicit(0, nullValue()),
    generalizedTime(AT),
    ...(parts.nextUpdate ? [explicit(0, parts.nextUpdate)] : []),
    ...(parts.singleExtensions ? [explicit(1, sequence(...parts.singleExtensions))] : []),
  );
  const name = readCertificate(signer.certificate).subject.der;
  const tbs = encodeDer(sequence(explicit(1, name), generalizedTime(AT), sequence(single)));
  const { algorithm, sign } = signerFromKey(signer.key);
  const signature = bitString(sign(tbs));
  const own = explicit(0, sequence(...certificates));
  const basic = sequence(tbs, encodeSignatureAlgorithm(algorithm), signature, own);
  const bytes = sequence(objectIdentifier(OCSP.basicResponse), octetString(basic));
  return encodeDer(sequence(enumerated(0), explicit(0, bytes)));
}

test('accepts answers of our own responder with every status', () => {
  const revoked = { status: 'revoked', revokedAt: NOT_BEFORE, reason: 'superseded' } as const;
  for (const status of [GOOD, { status: 'unknown' }, revoked] as const) {
    assert.deepEqual(verify(pki.responder.respond(request, knowledge(status)), { nonce }), status);
  }
});

const SIGNERS = {
  delegate: { certificate: pki.delegate, key: pki.responderKey },
  issuer: { certificate: pki.intermediate, key: pki.intermediateKey },
} as const;

/** The answer of openssl's responder about a certificate. It uses its own clock. */
function opensslAnswer(pem: string, signer: keyof typeof SIGNERS, option: string): Buffer {
  const { certificate, key } = SIGNERS[signer];
  const [valid, revoked] = [pki.server, pki.other].map(({ serialNumber }) => serialNumber.toUpperCase());
  const args =
    'ocsp -index index.txt -CA issuer.pem -rsigner signer.pem -rkey signer.key -reqin request.der -respout answer.der -ndays 1';
  return runProgram('openssl', {
    args: args.split(' ').concat(option),
    files: {
      'index.txt': `V\t300101000000Z\t\t${valid}\tunknown\t/CN=a\nR\t300101000000Z\t260601000000Z,keyCompromise\t${revoked}\tunknown\t/CN=b\n`,
      'issuer.pem': pki.intermediate.pem,
      'signer.pem': certificate.pem,
      'signer.key': key.export({ type: 'pkcs8', format: 'pem' }),
      'request.der': createOcspRequest({ ...question, certificate: pem, nonce }),
    },
    output: 'answer.der',
  });
}

for (const signer of ['delegate', 'issuer'] as const) {
  test(`accepts answers of openssl as the ${signer}, identified by name or by key (RFC 6960 §4.2.2)`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const evaluate = (certificate: string, option: string) =>
      verify(opensslAnswer(certificate, signer, option), { certificate, nonce, at: new Date() });
    const revokedAt = new Date('2026-06-01T00:00:00Z');
    for (const option of ['-resp_key_id', '-text']) {
      assert.deepEqual(evaluate(pki.server.pem, option), GOOD);
      assert.deepEqual(evaluate(pki.other.pem, option), {
        status: 'revoked',
        revokedAt,
        reason: 'keyCompromise',
      });
    }
  });

  test(`refuses a broken signature of openssl as the ${signer} (RFC 6960 §3.2)`, {
    skip: skipWithoutOpenssl,
  }, () => {
    const broken = opensslAnswer(pki.server.pem, signer, '-badsig');
    assertRefused('ocsp_invalid', /signature is not valid/, () => verify(broken, { at: new Date() }));
  });
}

test('refuses an answer that is not current: expired, of the future, or old and without an end (RFC 6960 §3.2)', () => {
  const later = (ms: number) => ({ at: new Date(AT.getTime() + ms) });
  assertRefused('ocsp_stale', /expired/, () => verify(good, later(2 * HOUR_MS)));
  assertRefused('ocsp_stale', /not valid before/, () => verify(good, later(-HOUR_MS)));
  const endless = forgeAnswer({});
  assert.deepEqual(verify(endless, later(60_000)), GOOD);
  assertRefused('ocsp_stale', /expired/, () => verify(endless, later(HOUR_MS)));
});

test('refuses an answer without the nonce of the request, or with another (RFC 9654 §2.1)', () => {
  assert.deepEqual(verify(good, { nonce }), GOOD);
  assertRefused('ocsp_invalid', /nonce differs/, () => verify(good, { nonce: randomBytes(32) }));
  const plain = pki.responder.respond({ requests: request.requests }, knowledge(GOOD));
  assertRefused('ocsp_invalid', /lacks the nonce/, () => verify(plain, { nonce }));
});

test('refuses an answer about another certificate or issuer, and two answers about one (RFC 6960 §3.2)', () => {
  assertRefused('ocsp_invalid', /other certificates/, () => verify(good, { certificate: pki.other.pem }));
  assertRefused('ocsp_invalid', /other certificates/, () => verify(good, { issuer: pki.root.pem }));
  const twice = { requests: [...request.requests, ...request.requests] };
  assertRefused('ocsp_invalid', /several answers/, () =>
    verify(pki.responder.respond(twice, knowledge(GOOD))),
  );
});

test('refuses signers that may not answer, are not in the response, or have expired (RFC 6960 §4.2.2.2)', () => {
  const server = { certificate: pki.server.der, key: pki.serverKey };
  assertRefused('ocsp_invalid', /may not answer/, () => verify(forgeAnswer({ signer: server })));
  const stranger = createRevocationPki();
  const foreign = { certificate: stranger.delegate.der, key: stranger.responderKey };
  assertRefused('ocsp_invalid', /may not answer/, () => verify(forgeAnswer({ signer: foreign })));
  assertRefused('ocsp_invalid', /not contain the signer/, () => verify(forgeAnswer({ certificates: [] })));
  const key = generatePrivateKey('P-256');
  const { der: lapsed } = pki.issuer.issue({
    profile: ocspResponderProfile(),
    subject: { commonName: 'Lapsed' },
    publicKey: createPublicKey(key),
    notBefore: NOT_BEFORE,
    notAfter: new Date(AT.getTime() - 1000),
  });
  assertRefused('ocsp_invalid', /not valid at this time/, () =>
    verify(forgeAnswer({ signer: { certificate: lapsed, key } })),
  );
});

test('refuses unknown critical extensions, and ignores others (RFC 6960 §4.4)', () => {
  const extension = (isCritical: boolean) =>
    sequence(objectIdentifier('1.2.3'), ...(isCritical ? [boolean(true)] : []), octetString(nullValue()));
  assert.deepEqual(verify(forgeAnswer({ singleExtensions: [extension(false)] })), GOOD);
  assertRefused('ocsp_invalid', /1\.2\.3/, () =>
    verify(forgeAnswer({ singleExtensions: [extension(true)] })),
  );
});

test('reports the error that the responder gave instead of an answer (RFC 6960 §2.3)', () => {
  assertRefused('ocsp_invalid', /tryLater/, () => verify(encodeOcspError('tryLater')));
});

test('refuses other types of response, unknown statuses, and times of another form (RFC 6960 §4.2.1)', () => {
  const refuse = (value: Der, message: RegExp) =>
    assertRefused('der_invalid', message, () => readOcspResponse(encodeDer(value)));
  const bytes = sequence(objectIdentifier('1.2.3'), octetString(sequence()));
  refuse(sequence(enumerated(0), explicit(0, bytes)), /not a basic response/);
  refuse(sequence(enumerated(0)), /expected tag 0xa0/);
  refuse(sequence(enumerated(4)), /OCSPResponseStatus/);
  refuse(sequence(enumerated(3), explicit(0, bytes)), /trailing octets/);
  const utcTime = time(AT);
  assertRefused('der_invalid', /expected tag 0x18/, () =>
    readOcspResponse(forgeAnswer({ nextUpdate: utcTime })),
  );
  assertRefused('ocsp_invalid', /at most 65536/, () => readOcspResponse(new Uint8Array(65_537)));
});

test('throws X509Error for every mutation of a response, except of octets that the signature does not cover', () => {
  const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(good.length));
  fc.assert(
    fc.property(change, ([index, bits, length]) => {
      const mutated = Buffer.from(good.subarray(0, Math.max(length, 1)));
      if (index < mutated.length) mutated[index] = (mutated[index] ?? 0) ^ bits;
      try {
        assert.deepEqual(verify(mutated, { nonce }), GOOD);
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
