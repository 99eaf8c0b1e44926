// Revocation lists in path validation (RFC 5280 §6.3.3): refuses revoked certificates, and certificates
// without a current list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeDer, explicit, sequence, time } from '../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { encodeRevokedEntry, signRevocationList } from '../../src/issue/crl.ts';
import {
  basicConstraints,
  cRLDistributionPoints,
  keyUsage,
  subjectKeyIdentifier,
} from '../../src/issue/extensions.ts';
import { encodeSignatureAlgorithm } from '../../src/keys/signer.ts';
import { keyIdentifier } from '../../src/keys/spki.ts';
import { encodeName } from '../../src/names/name.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { type ParsedRevocationList, readRevocationList } from '../../src/read/parse-crl.ts';
import { encodePem } from '../../src/read/pem.ts';
import { encodeSigned } from '../../src/signed.ts';
import { type Verification, verifyCertificate } from '../../src/verify/verify-certificate.ts';
import {
  AT,
  anyExtension,
  createForger,
  type Forger,
  FROM,
  forge,
  forgeAuthority,
} from '../support/forge.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';

const POINT = 'http://127.0.0.1:9080/a.crl';
const [root, middle] = [createForger('Root'), createForger('Middle')];
const [rootDer, middleDer] = [forgeAuthority(root, root), forgeAuthority(middle, root)];
const leafDer = forge({ extensions: [cRLDistributionPoints([POINT])] }, middle);
const good: Verification = { certificate: leafDer, intermediates: middleDer, roots: rootDer, at: AT };

interface ListParts {
  readonly revoked?: readonly Uint8Array[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date;
  readonly distributionPoint?: string;
}

/** A current list of these certificates. */
function listOf(
  by: Forger,
  issuer: Uint8Array,
  { revoked = [], ...parts }: ListParts = {},
): ParsedRevocationList {
  const entries = revoked.map((der) =>
    encodeRevokedEntry({
      serialNumber: readCertificate(der).serialNumber,
      revokedAt: FROM,
      reason: 'keyCompromise',
    }),
  );
  const { der } = signRevocationList({
    issuer: readCertificate(issuer),
    signer: by.signer,
    number: 1n,
    thisUpdate: new Date(AT.getTime() - 3_600_000),
    nextUpdate: new Date(AT.getTime() + 3_600_000),
    entries,
    ...parts,
  });
  return readRevocationList(der);
}

function assertRefused(
  code: X509ErrorCode,
  revocationLists: ParsedRevocationList[],
  verification: Partial<Verification> = {},
): void {
  assert.throws(
    () => verifyCertificate({ ...good, ...verification, revocationLists }),
    (error) => error instanceof X509Error && error.code === code,
    code,
  );
}

const clean = listOf(middle, middleDer);

test('accepts a certificate that is not on a current list of its issuer', () => {
  assert.ok(verifyCertificate({ ...good, revocationLists: [clean] }));
  assert.ok(verifyCertificate({ ...good, revocationLists: [listOf(root, rootDer), clean] }));
});

test('refuses a revoked certificate, and says when and why it was revoked (RFC 5280 §6.3.3)', () => {
  assert.throws(
    () =>
      verifyCertificate({ ...good, revocationLists: [listOf(middle, middleDer, { revoked: [leafDer] })] }),
    /revoked at 2026-01-01T00:00:00.000Z \(keyCompromise\)/,
  );
  assertRefused('certificate_revoked', [clean, listOf(root, rootDer, { revoked: [middleDer] })]);
});

test('refuses lists that are out of date, not yet valid, or without an end (fails closed)', () => {
  const [before, after] = [new Date(AT.getTime() - 1000), new Date(AT.getTime() + 1000)];
  assertRefused('revocation_stale', [listOf(middle, middleDer, { nextUpdate: before, thisUpdate: FROM })]);
  assertRefused('revocation_stale', [listOf(middle, middleDer, { thisUpdate: after })]);
  assertRefused('revocation_stale', [{ ...clean, nextUpdate: undefined as never }]);
  assertRefused('revocation_stale', [clean, listOf(root, rootDer, { nextUpdate: before, thisUpdate: FROM })]);
  assertRefused('certificate_revoked', [
    listOf(middle, middleDer, { nextUpdate: before, thisUpdate: FROM, revoked: [leafDer] }),
  ]);
});

test('needs a list of the issuer: refuses a missing list, and lists of another name or key (fails closed)', () => {
  assertRefused('revocation_stale', []);
  assertRefused('revocation_stale', [listOf(root, rootDer)]);
  const impostor = createForger('Middle');
  assertRefused('revocation_stale', [listOf(impostor, forgeAuthority(impostor, impostor))]);
  const falseRoot = createForger('Root');
  assertRefused('revocation_stale', [clean, listOf(falseRoot, forgeAuthority(falseRoot, falseRoot))]);
});

test('a list without issuingDistributionPoint covers all certificates of its issuer (RFC 5280 §5.2.5)', () => {
  assert.equal(clean.distributionPoint, undefined);
  for (const points of [undefined, [POINT], [`${POINT}2`, POINT]]) {
    const certificate = forge(points ? { extensions: [cRLDistributionPoints(points)] } : {}, middle);
    assert.ok(verifyCertificate({ ...good, certificate, revocationLists: [clean] }));
    const revocationLists = [listOf(middle, middleDer, { revoked: [certificate] })];
    assertRefused('certificate_revoked', revocationLists, { certificate });
  }
});

test('a list for one distribution point covers only certificates that name it (RFC 5280 §6.3.3)', () => {
  const part = listOf(middle, middleDer, { distributionPoint: POINT });
  assert.ok(verifyCertificate({ ...good, revocationLists: [part] }));
  assertRefused('revocation_stale', [listOf(middle, middleDer, { distributionPoint: `${POINT}2` })]);
  assertRefused('revocation_stale', [part], { certificate: forge({}, middle) });
});

test('refuses lists with unknown critical extensions, such as delta lists (RFC 5280 §5.2.4)', () => {
  const delta = anyExtension('2.5.29.27', Buffer.from('020101', 'hex'), { isCritical: true });
  const algorithm = encodeSignatureAlgorithm(middle.signer.algorithm);
  const tbs = sequence(
    Buffer.from('020101', 'hex'),
    algorithm,
    encodeName(middle.subject),
    time(FROM),
    time(new Date('2029-01-01')),
    explicit(0, sequence(delta)),
  );
  const list = readRevocationList(encodeSigned(encodeDer(tbs), middle.signer));
  assertRefused('extension_unknown', [list]);
  assert.ok(verifyCertificate({ ...good, revocationLists: [list, clean] }));
});

test('refuses lists of an issuer that may not sign lists (RFC 5280 §4.2.1.3)', () => {
  const spki = middle.signer.publicKey;
  const extensions = [
    basicConstraints({ isCa: true }),
    keyUsage(['keyCertSign']),
    subjectKeyIdentifier(keyIdentifier(spki)),
  ];
  const certifierOnly = forge({ subject: middle.subject, spki, extensions }, root);
  assertRefused('issuer_invalid', [clean], { intermediates: certifierOnly });
});

test('agrees with openssl verify -crl_check', { skip: skipWithoutOpenssl }, () => {
  const opensslAccepts = (...lists: ParsedRevocationList[]) => {
    const pem = (label: string, ...ders: Uint8Array[]) => ders.map((der) => encodePem(label, der)).join('');
    const files = {
      'root.pem': pem('CERTIFICATE', rootDer),
      'middle.pem': pem('CERTIFICATE', middleDer),
      'leaf.pem': pem('CERTIFICATE', leafDer),
      'lists.pem': pem('X509 CRL', ...lists.map(({ der }) => der)),
    };
    const args = [
      'verify',
      '-attime',
      String(AT.getTime() / 1000),
      '-crl_check',
      '-CAfile',
      'root.pem',
      '-untrusted',
      'middle.pem',
    ];
    try {
      return openssl([...args, '-CRLfile', 'lists.pem', 'leaf.pem'], files).includes('OK');
    } catch {
      return false;
    }
  };
  const weAccept = (...revocationLists: ParsedRevocationList[]) => {
    try {
      verifyCertificate({ ...good, revocationLists });
      return true;
    } catch {
      return false;
    }
  };
  const cases = [
    [clean],
    [listOf(middle, middleDer, { revoked: [leafDer] })],
    [listOf(middle, middleDer, { nextUpdate: new Date(FROM.getTime() + 1000), thisUpdate: FROM })],
    [listOf(middle, middleDer, { distributionPoint: POINT })],
    [listOf(middle, middleDer, { distributionPoint: `${POINT}2` })],
    [listOf(root, rootDer)],
  ];
  assert.deepEqual(
    cases.map((lists) => weAccept(...lists)),
    cases.map((lists) => opensslAccepts(...lists)),
  );
});
