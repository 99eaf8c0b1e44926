// Certification paths (RFC 5280 §6): every reason to refuse one, several paths to a root, and limits.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bitString,
  type Der,
  encodeDer,
  nullValue,
  objectIdentifier,
  sequence,
  time,
} from '../../src/der/write.ts';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import { basicConstraints, extendedKeyUsage, keyUsage, nameConstraints } from '../../src/issue/extensions.ts';
import { generatePrivateKey } from '../../src/keys/private-key.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { parseGeneralSubtree } from '../../src/names/general-subtree.ts';
import { readCertificates } from '../../src/read/parse-certificate.ts';
import { encodePem } from '../../src/read/pem.ts';
import { type Verification, verifyCertificate } from '../../src/verify/verify-certificate.ts';
import { good, middle, middleDer, other, root, rootDer } from '../support/chain.ts';
import {
  anyExtension,
  createForger,
  FROM,
  forge,
  forgeAuthority,
  forgeServer,
  forgeTbs,
  UNTIL,
} from '../support/forge.ts';

function assertRefused(code: X509ErrorCode, verification: Partial<Verification>, message = /./): void {
  assert.throws(
    () => verifyCertificate({ ...good, ...verification }),
    (error) => error instanceof X509Error && error.code === code && message.test(error.message),
    code,
  );
}

const subjects = (verification: Partial<Verification>) =>
  verifyCertificate({ ...good, ...verification }).chain.map(({ subject }) => subject.text);

test('returns the path, with the certificate first and the root last (RFC 5280 §6.1)', () => {
  assert.deepEqual(subjects({}), ['', 'CN=Middle', 'CN=Root']);
});

test('accepts PEM, DER, bundles and read certificates, and uses the chain after a certificate', () => {
  const pem = (...ders: Uint8Array[]) => ders.map((der) => encodePem('CERTIFICATE', der)).join('');
  const expected = subjects({});
  assert.deepEqual(
    subjects({ certificate: pem(forgeServer(middle), middleDer), intermediates: [] }),
    expected,
  );
  assert.deepEqual(subjects({ roots: pem(forgeAuthority(other, other), rootDer) }), expected);
  assert.deepEqual(
    subjects({ roots: readCertificates(rootDer), intermediates: [middleDer, pem(rootDer)] }),
    expected,
  );
  assert.throws(() => verifyCertificate({ ...good, certificate: [] }), TypeError);
  assertRefused('pem_invalid', { certificate: '' });
});

test('accepts a certificate that is trusted itself, and a root that is not self-signed', () => {
  assert.deepEqual(subjects({ roots: good.certificate, intermediates: [] }), ['']);
  assert.deepEqual(subjects({ roots: middleDer, intermediates: [] }), ['', 'CN=Middle']);
});

test('refuses a certificate without a path to a root, and says which issuer is missing', () => {
  assertRefused('issuer_unknown', { intermediates: [] }, /issued by "CN=Middle"/);
  assertRefused('issuer_unknown', { roots: [] }, /"CN=Root"/);
  assertRefused('issuer_unknown', { roots: forgeAuthority(other, other) }, /"CN=Root"/);
  assertRefused(
    'issuer_unknown',
    { certificate: forgeServer(other), intermediates: forgeAuthority(other, other) },
    /"CN=Other".*is self-signed/,
  );
});

test('refuses a signature by another key of the same name', () => {
  const impostor = createForger('Middle');
  assertRefused(
    'signature_invalid',
    { certificate: forgeServer(impostor) },
    /not signed with the issuer's key/,
  );
  const altered = Buffer.from(forgeServer(middle));
  const last = altered.length - 1;
  altered[last] = (altered[last] ?? 0) ^ 1;
  assertRefused('signature_invalid', { certificate: altered });
});

test('includes both ends of the validity, to the second (RFC 5280 §4.1.2.5)', () => {
  for (const at of [FROM, UNTIL, new Date(UNTIL.getTime() + 999)])
    assert.ok(verifyCertificate({ ...good, at }));
  assertRefused(
    'certificate_not_yet_valid',
    { at: new Date(FROM.getTime() - 1) },
    /not valid before 2026-01-01/,
  );
  assertRefused(
    'certificate_expired',
    { at: new Date(UNTIL.getTime() + 1000) },
    /expired at 2030-01-01.*renew/,
  );
});

test('refuses an expired issuer or root, and uses another with the same name and key', () => {
  const validity = sequence(time(FROM), time(new Date('2026-06-01T00:00:00Z')));
  const expired = forgeAuthority(middle, root, { validity });
  assertRefused('certificate_expired', { intermediates: expired }, /"CN=Middle"/);
  assertRefused('certificate_expired', { roots: forgeAuthority(root, root, { validity }) }, /"CN=Root"/);
  assert.deepEqual(subjects({ intermediates: [expired, middleDer] }), ['', 'CN=Middle', 'CN=Root']);
});

test('refuses an issuer that is not an authority, or may not sign certificates (RFC 5280 §4.2.1.3, §4.2.1.9)', () => {
  const spki = middle.signer.publicKey;
  const plain = forge({ subject: middle.subject, spki }, root);
  const listsOnly = forge(
    { subject: middle.subject, spki, extensions: [basicConstraints({ isCa: true }), keyUsage(['cRLSign'])] },
    root,
  );
  for (const intermediates of [plain, listsOnly])
    assertRefused('issuer_invalid', { intermediates }, /"CN=Middle".*not an authority/);
});

test('checks path lengths, and does not count self-issued authorities (RFC 5280 §4.2.1.9)', () => {
  const lowest = createForger('Lowest');
  const certificate = forgeServer(lowest);
  const lowestDer = forgeAuthority(lowest, middle);
  const under = (pathLength: number) => [lowestDer, forgeAuthority(middle, root, { pathLength })];
  assert.equal(subjects({ certificate, intermediates: under(1) }).length, 4);
  assertRefused(
    'path_length_exceeded',
    { certificate, intermediates: under(0) },
    /"CN=Middle".*allows 0.*the path has 1/,
  );
  assertRefused('path_length_exceeded', {
    certificate,
    intermediates: under(1),
    roots: forgeAuthority(root, root, { pathLength: 1 }),
  });
  const renewed = createForger('Middle');
  const selfIssued = [forgeAuthority(renewed, middle), forgeAuthority(middle, root, { pathLength: 0 })];
  assert.equal(subjects({ certificate: forgeServer(renewed), intermediates: selfIssued }).length, 4);
});

test('refuses unknown critical extensions in any certificate of the path (RFC 5280 §4.2)', () => {
  const further = [anyExtension('1.2.3.4', Buffer.from('0500', 'hex'), { isCritical: true })];
  assertRefused('extension_unknown', { certificate: forgeServer(middle, { further }) }, /1\.2\.3\.4/);
  assertRefused(
    'extension_unknown',
    { intermediates: forgeAuthority(middle, root, { further }) },
    /"CN=Middle"/,
  );
  assertRefused('extension_unknown', { roots: forgeAuthority(root, root, { further }) }, /"CN=Root"/);
});

test('refuses a certificate for another purpose, also if only its issuer has that purpose (RFC 5280 §4.2.1.12)', () => {
  const certificate = (...extensions: Der[]) => forge({ extensions }, middle);
  assert.ok(verifyCertificate({ ...good, purpose: 'serverAuth' }));
  assert.ok(
    verifyCertificate({
      ...good,
      purpose: 'serverAuth',
      certificate: certificate(keyUsage(['digitalSignature'])),
    }),
  );
  assertRefused('purpose_mismatch', { purpose: 'clientAuth' }, /not for clientAuth; it is for serverAuth/);
  for (const each of [keyUsage(['cRLSign']), extendedKeyUsage(['anyExtendedKeyUsage'])])
    assertRefused('purpose_mismatch', { certificate: certificate(each), purpose: 'serverAuth' });
  assertRefused('purpose_mismatch', {
    certificate: certificate(keyUsage(['digitalSignature'])),
    purpose: 'OCSPSigning',
  });
  const clientsOnly = forgeAuthority(middle, root, { further: [extendedKeyUsage(['clientAuth'])] });
  assertRefused(
    'purpose_mismatch',
    { intermediates: clientsOnly, purpose: 'serverAuth' },
    /"CN=Middle".*may not issue certificates for serverAuth/,
  );
  const any = forgeAuthority(middle, root, { further: [extendedKeyUsage(['anyExtendedKeyUsage'])] });
  assert.ok(verifyCertificate({ ...good, intermediates: any, purpose: 'serverAuth' }));
});

test('refuses another name, and ignores the common name (RFC 9525 §2)', () => {
  assert.ok(verifyCertificate({ ...good, name: 'a.example' }));
  assertRefused('name_mismatch', { name: 'b.example' }, /not for "b\.example"; its names are DNS:a\.example/);
  const extensions = [extendedKeyUsage(['serverAuth'])];
  const named = forge({ subject: { commonName: 'a.example' }, extensions }, middle);
  assertRefused('name_mismatch', { certificate: named, name: 'a.example' }, /common name does not count/);
  assert.ok(
    verifyCertificate({
      ...good,
      certificate: forgeServer(middle, { names: ['10.0.0.1'] }),
      name: '10.0.0.1',
    }),
  );
});

test('applies the name constraints of an authority to every certificate below (RFC 5280 §4.2.1.10)', () => {
  const constrained = (constraints: Parameters<typeof nameConstraints>[0]) => ({
    intermediates: forgeAuthority(middle, root, { further: [nameConstraints(constraints)] }),
  });
  const permitted = ['example'].map(parseGeneralSubtree);
  assert.ok(verifyCertificate({ ...good, ...constrained({ permitted }) }));
  assertRefused(
    'name_constraint_violated',
    constrained({ excluded: permitted }),
    /"CN=Middle".*may not issue.*DNS:a\.example is excluded/,
  );
  assertRefused(
    'name_constraint_violated',
    constrained({ permitted: ['b.example'].map(parseGeneralSubtree) }),
  );
  const rootBound = forgeAuthority(root, root, { further: [nameConstraints({ excluded: permitted })] });
  assertRefused('name_constraint_violated', { roots: rootBound }, /"CN=Root"/);
  const wildcard = forgeServer(middle, { names: ['*.example'] });
  assertRefused('name_constraint_violated', {
    certificate: wildcard,
    ...constrained({ excluded: ['a.example'].map(parseGeneralSubtree) }),
  });
});

test('finds a path among cross-signed authorities, equal names and wrong candidates', () => {
  const otherDer = forgeAuthority(other, other);
  const crossed = forgeAuthority(middle, other);
  assert.deepEqual(subjects({ intermediates: [crossed, otherDer, middleDer] }), ['', 'CN=Middle', 'CN=Root']);
  const decoys = Array.from({ length: 20 }, () => forgeAuthority(createForger('Middle'), root));
  assert.equal(subjects({ intermediates: [...decoys, middleDer] }).length, 3);
  const bound = forgeAuthority(middle, root, {
    further: [nameConstraints({ excluded: [parseGeneralSubtree('example')] })],
  });
  assert.equal(subjects({ intermediates: [bound, middleDer] }).length, 3);
});

test('does not follow circles of issuers', () => {
  const [left, right] = [createForger('Left'), createForger('Right')];
  const circle = [
    forgeAuthority(left, right),
    forgeAuthority(right, left),
    forgeAuthority(left, left),
    forgeAuthority(right, right),
  ];
  assertRefused('issuer_unknown', { certificate: forgeServer(left), intermediates: circle });
});

test('stops at 8 certificates in a path, and after 100 signature checks', () => {
  const tower = (height: number) => {
    const levels = Array.from({ length: height }, (_, index) => createForger(`Level ${index}`));
    const intermediates = levels.map((level, index) => forgeAuthority(level, levels[index - 1] ?? root));
    return { intermediates, certificate: forgeServer(levels.at(-1) ?? root) };
  };
  assert.equal(subjects(tower(6)).length, 8);
  assertRefused('issuer_unknown', tower(7), /at most 8 certificates/);
  const key = generatePrivateKey('P-256');
  const names = Array.from({ length: 6 }, (_, level) => createForger(`Level ${level}`, key));
  const maze = names.flatMap((who) =>
    names.flatMap((by) => [forgeAuthority(who, by), forgeAuthority(who, by)]),
  );
  assertRefused(
    'issuer_unknown',
    { certificate: forgeServer(names[0] ?? root), intermediates: maze },
    /after 100 signatures/,
  );
});

test('refuses algorithms and keys that protect nothing', () => {
  const md5 = sequence(objectIdentifier('1.2.840.113549.1.1.4'), nullValue());
  const certificate = encodeDer(
    sequence(forgeTbs({ algorithm: md5 }, middle), md5, bitString(Buffer.alloc(256, 1))),
  );
  assertRefused('algorithm_unsupported', { certificate }, /RSA with MD5/);
  const { privateKey: key, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const signer = {
    algorithm: 'rsa-v1_5-sha256' as const,
    publicKey: encodeSpki(publicKey),
    sign: (tbs: Uint8Array) => sign('sha256', tbs, key),
  };
  const weak = { subject: middle.subject, key, signer };
  assertRefused(
    'key_unsupported',
    { certificate: forgeServer(weak), intermediates: forgeAuthority(weak, root) },
    /2048/,
  );
});

test('returns a path or throws X509Error for every mutation of a certificate', () => {
  const ders = [forgeServer(middle), middleDer, rootDer];
  fc.assert(
    fc.property(fc.nat(2), fc.nat(2000), fc.integer({ min: 1, max: 255 }), (which, index, change) => {
      const [certificate, intermediates, roots] = ders.map((der, position) => {
        const copy = Buffer.from(der);
        if (position === which) copy[index % copy.length] = (copy[index % copy.length] ?? 0) ^ change;
        return copy;
      });
      try {
        verifyCertificate({
          ...good,
          certificate: certificate ?? [],
          intermediates: intermediates ?? [],
          roots: roots ?? [],
        });
        assert.equal(which, 2, 'only a root needs no valid signature');
      } catch (error) {
        assert.ok(error instanceof X509Error, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
