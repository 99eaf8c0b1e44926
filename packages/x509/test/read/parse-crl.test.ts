// Revocation lists of other programs, their limits, and every refused form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  boolean,
  type Der,
  encodeDer,
  enumerated,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from '../../src/der/write.ts';
import { DerError, X509Error } from '../../src/errors.ts';
import { encodeRevokedEntry, signRevocationList } from '../../src/issue/crl.ts';
import { encodeSignatureAlgorithm } from '../../src/keys/signer.ts';
import { encodeName } from '../../src/names/name.ts';
import { LIST_EXTENSION } from '../../src/oids.ts';
import { readRevocationList } from '../../src/read/parse-crl.ts';
import { encodePem } from '../../src/read/pem.ts';
import { encodeSigned } from '../../src/signed.ts';
import { verifySignature } from '../../src/verify/verify-signature.ts';
import { skipWithoutOpenssl } from '../support/openssl.ts';
import { runProgram } from '../support/programs.ts';
import { AT, createRevocationPki, LIST_URL } from '../support/revocation.ts';

const pki = createRevocationPki();
const signer = pki.issuerSigner;
const NEXT = new Date('2027-01-08T00:00:00Z');
const DELTA_INDICATOR = '2.5.29.27';
const CERTIFICATE_ISSUER = '2.5.29.29';
const ALGORITHM = encodeSignatureAlgorithm(signer.algorithm);
const ISSUER = encodeName({ commonName: 'x' });
const ENTRY = encodeRevokedEntry({ serialNumber: '07', revokedAt: AT });

/** A list of these fields after the version. */
function forgeList(...fields: readonly Der[]): Buffer {
  return encodeSigned(encodeDer(sequence(integer(1), ALGORITHM, ISSUER, time(AT), ...fields)), signer);
}

function extensionOf(oid: string, value: Der, isCritical = true): Der {
  return sequence(objectIdentifier(oid), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

function withExtension(oid: string, value: Der): Buffer {
  return forgeList(time(NEXT), explicit(0, sequence(extensionOf(oid, value))));
}

function withEntryExtension(oid: string, value: Der): Buffer {
  const entry = sequence(integer(7), time(AT), sequence(extensionOf(oid, value, false)));
  return forgeList(time(NEXT), sequence(entry));
}

function assertRefused(der: Uint8Array, message: RegExp): void {
  assert.throws(
    () => readRevocationList(der),
    (error) => error instanceof DerError && message.test(error.message),
  );
}

test('reads a list that openssl made, in PEM and DER', { skip: skipWithoutOpenssl }, () => {
  const config = `[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\nissuingDistributionPoint=critical,@p\n[p]\nfullname=URI:${LIST_URL}\n`;
  const index =
    'R\t300101000000Z\t260601000000Z,keyCompromise\t1234\tunknown\t/CN=a\nR\t300101000000Z\t260701000000Z\t00FF\tunknown\t/CN=b\n';
  const pem = runProgram('openssl', {
    args: 'ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out list.pem'.split(' '),
    files: {
      'ca.cnf': config,
      'index.txt': index,
      number: '2a\n',
      'ca.pem': pki.intermediate.pem,
      'ca.key': pki.intermediateKey.export({ type: 'pkcs8', format: 'pem' }),
    },
    output: 'list.pem',
  }).toString();
  const list = readRevocationList(pem);
  assert.deepEqual(
    [...list.revoked],
    [
      ['ff', { revokedAt: new Date('2026-07-01T00:00:00Z'), reason: 'unspecified' }],
      ['1234', { revokedAt: new Date('2026-06-01T00:00:00Z'), reason: 'keyCompromise' }],
    ],
  );
  assert.deepEqual([list.number, list.distributionPoint, list.uninterpretedCritical], [42n, LIST_URL, []]);
  assert.ok(verifySignature(list, pki.issuerCertificate.spki));
  assert.deepEqual(readRevocationList(list.der), list);
});

test('reads version 1, and a list without nextUpdate (RFC 5280 §5.1.2.1)', () => {
  const first = encodeSigned(encodeDer(sequence(ALGORITHM, ISSUER, time(AT), sequence(ENTRY))), signer);
  assert.deepEqual([...readRevocationList(first).revoked.keys()], ['07']);
  assert.equal(readRevocationList(forgeList()).nextUpdate, undefined);
});

test('reports every limit of a list, so that programs refuse it (RFC 5280 §5.2.4, §5.2.5, §5.3.3)', () => {
  const uri = implicit(0, sequence(implicit(6, octetString(Buffer.from(LIST_URL)))));
  const onlyUsers = implicit(1, boolean(true));
  const limits = [
    withExtension(LIST_EXTENSION.issuingDistributionPoint, sequence(explicit(0, uri), onlyUsers)),
    withExtension(LIST_EXTENSION.issuingDistributionPoint, sequence(onlyUsers)),
    withExtension(LIST_EXTENSION.issuingDistributionPoint, sequence()),
    withExtension(
      LIST_EXTENSION.issuingDistributionPoint,
      sequence(explicit(0, implicit(1, sequence(integer(1))))),
    ),
    withExtension(DELTA_INDICATOR, integer(1)),
    forgeList(
      time(NEXT),
      sequence(sequence(integer(7), time(AT), sequence(extensionOf(CERTIFICATE_ISSUER, sequence())))),
    ),
  ];
  const points = limits.map((der) => readRevocationList(der));
  assert.deepEqual(
    points.map(({ uninterpretedCritical }) => uninterpretedCritical),
    [
      ...Array.from({ length: 4 }, () => [LIST_EXTENSION.issuingDistributionPoint]),
      [DELTA_INDICATOR],
      [CERTIFICATE_ISSUER],
    ],
  );
  assert.deepEqual(
    points.map(({ distributionPoint }) => distributionPoint),
    [LIST_URL, undefined, undefined, undefined, undefined, undefined],
  );
});

test('refuses reasons that a complete list cannot have (RFC 5280 §5.3.1)', () => {
  for (const code of [7, 8, 11]) {
    assertRefused(withEntryExtension(LIST_EXTENSION.reasonCode, enumerated(code)), /reason|ENUMERATED/);
  }
});

test('refuses an empty list of entries, other versions, extensions below version 2 (RFC 5280 §5.1.2)', () => {
  assertRefused(forgeList(time(NEXT), sequence()), /must not be empty/);
  const version3 = sequence(integer(2), ALGORITHM, ISSUER, time(AT));
  assertRefused(encodeSigned(encodeDer(version3), signer), /not between 0 and 1/);
  const version1 = sequence(integer(0), ALGORITHM, ISSUER, time(AT));
  assertRefused(encodeSigned(encodeDer(version1), signer), /version of a revocation list/);
  const extensions = explicit(0, sequence(extensionOf(LIST_EXTENSION.cRLNumber, integer(1), false)));
  const unversioned = sequence(ALGORITHM, ISSUER, time(AT), extensions);
  assertRefused(encodeSigned(encodeDer(unversioned), signer), /trailing octets/);
});

test('refuses an extension that appears twice, and algorithms that differ (RFC 5280 §4.2, §5.1.1.2)', () => {
  const number = extensionOf(LIST_EXTENSION.cRLNumber, integer(1), false);
  assertRefused(forgeList(explicit(0, sequence(number, number))), /appears twice/);
  const other = encodeSignatureAlgorithm('ed25519');
  assertRefused(encodeSigned(encodeDer(sequence(integer(1), other, ISSUER, time(AT))), signer), /differ/);
});

test('refuses PEM of other objects, and reads a list of more than one mebibyte', () => {
  assert.throws(
    () => readRevocationList(pki.server.pem),
    (error) => error instanceof X509Error && error.code === 'pem_invalid',
  );
  const entries = Buffer.concat(Array.from({ length: 40_000 }, () => ENTRY));
  const { pem } = signRevocationList({
    issuer: pki.issuerCertificate,
    signer,
    number: 1n,
    thisUpdate: AT,
    nextUpdate: NEXT,
    entries,
  });
  assert.ok(pem.length > 1024 * 1024);
  assert.deepEqual([...readRevocationList(pem).revoked.keys()], ['07']);
});

test('returns a list or throws X509Error for every mutation of a list', () => {
  const whole = withEntryExtension(LIST_EXTENSION.reasonCode, enumerated(1));
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length));
  fc.assert(
    fc.property(change, ([index, octet, length]) => {
      const mutated = Buffer.from(whole.subarray(0, length));
      if (index < length) mutated[index] = octet;
      try {
        readRevocationList(mutated);
        readRevocationList(encodePem('X509 CRL', mutated));
      } catch (error) {
        if (!(error instanceof X509Error)) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
