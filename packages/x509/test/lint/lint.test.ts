// Lint: one bad example for each rule. Certificates of our profiles, and good ones of openssl and certtool,
// break no rule.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPublicKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  boolean,
  encodeDer,
  ia5String,
  implicit,
  integer,
  nullValue,
  objectIdentifier,
  printableString,
  sequence,
  utf8String,
} from '../../src/der/write.ts';
import {
  type CertificateProfile,
  clientProfile,
  intermediateProfile,
  issueCertificate,
  ocspResponderProfile,
  rootProfile,
  selfSignCertificate,
  serverClientProfile,
  serverProfile,
} from '../../src/index.ts';
import {
  authorityInfoAccess,
  basicConstraints,
  cRLDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
} from '../../src/issue/extensions.ts';
import { generatePrivateKey, PRIVATE_KEY_TYPES } from '../../src/keys/private-key.ts';
import { signerFromKey } from '../../src/keys/signer.ts';
import { encodeSpki } from '../../src/keys/spki.ts';
import { LINT_RULES, lintCertificate } from '../../src/lint/lint.ts';
import { parseSubjectName } from '../../src/names/general-name.ts';
import { parseGeneralSubtree } from '../../src/names/general-subtree.ts';
import { ATTRIBUTE_TYPE, EXTENSION, KEY_ALGORITHM } from '../../src/oids.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { decodePem } from '../../src/read/pem.ts';
import {
  asAuthority,
  attribute,
  BAD,
  curve,
  NAMES,
  named,
  root,
  rootDer,
  rsa,
  rsaKey,
  withExtensions,
  withKey,
} from '../support/bad-certificates.ts';
import { anyExtension, type ForgedParts, forge, forgeTbs } from '../support/forge.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { NOT_BEFORE, SERVER_NOT_AFTER } from '../support/pki.ts';

const rulesOf = (octets: Uint8Array, issuer?: Uint8Array) =>
  lintCertificate(octets, issuer && { issuer: readCertificate(issuer) }).map(({ rule }) => rule);

test('has an example of each rule, and each rule has its own name and a section', () => {
  assert.deepEqual(LINT_RULES.map(({ rule }) => rule).sort(), Object.keys(BAD).sort());
  for (const { rule, section } of LINT_RULES) {
    assert.match(rule, /^(rfc\d+|x690|profile)_[a-z0-9_]+$/);
    assert.match(section, /§|appendix/);
  }
});

for (const [rule, parts] of Object.entries(BAD)) {
  const { section } = LINT_RULES.find((each) => each.rule === rule) ?? { section: '' };
  test(`finds ${rule} (${section})`, () => {
    assert.ok(
      rulesOf(forge(parts, root), rootDer).includes(rule),
      String(rulesOf(forge(parts, root), rootDer)),
    );
    if (rule !== 'rfc5280_signature_algorithms_same')
      assert.ok(rulesOf(forgeTbs(parts, root), rootDer).includes(rule));
  });
}

test('finds nothing in a certificate that follows every rule, before and after it is signed', () => {
  for (const parts of [
    withExtensions(),
    asAuthority(),
    withExtensions(NAMES, keyUsage(['digitalSignature']), extendedKeyUsage(['serverAuth'])),
  ]) {
    assert.deepEqual(lintCertificate(forgeTbs(parts, root), { issuer: readCertificate(rootDer) }), []);
    assert.deepEqual(lintCertificate(forge(parts, root), { issuer: readCertificate(rootDer) }), []);
  }
  assert.deepEqual(rulesOf(rootDer, rootDer), []);
});

test('finds other bad forms of serial numbers, names and keys', () => {
  const further: [string, ForgedParts][] = [
    ['rfc5280_serial_number_positive', { ...withExtensions(), serialNumber: integer(0) }],
    ['rfc5280_attribute_length', attribute(ATTRIBUTE_TYPE.O, utf8String(''))],
    ['rfc5280_attribute_length', attribute('1.2.3', utf8String(''))],
    ['x690_string_alphabet', attribute(ATTRIBUTE_TYPE.CN, Buffer.from('0c01ff', 'hex'))],
    ['x690_string_alphabet', attribute(ATTRIBUTE_TYPE.DC, Buffer.from('1601e4', 'hex'))],
    ['rfc5280_country', attribute(ATTRIBUTE_TYPE.C, printableString('Germany'))],
    ['rfc5280_key_form', withKey(rsa, rsaKey(2048, 3))],
    ['rfc5280_key_form', withKey(rsa, Buffer.from('3000', 'hex'))],
    ['rfc5280_key_form', withKey(rsa, encodeDer(sequence(integer(-1), integer(3))))],
    ['rfc5280_key_form', withKey(rsa, encodeDer(sequence(integer(1n << 2047n), integer(65_537))))],
    ['rfc5280_key_form', withKey(curve('P-384'), Buffer.alloc(65, 4))],
    ['rfc5280_key_form', withKey(curve('P-256'), Buffer.alloc(33, 2))],
    ['rfc5280_key_form', withKey(sequence(objectIdentifier(KEY_ALGORITHM.Ed25519)), Buffer.alloc(31))],
    ['rfc5280_key_form', withKey(sequence(objectIdentifier(KEY_ALGORITHM['ML-DSA-44'])), Buffer.alloc(31))],
    [
      'rfc5280_key_parameters',
      withKey(sequence(objectIdentifier(KEY_ALGORITHM.Ed25519), nullValue()), Buffer.alloc(32)),
    ],
    ['rfc5280_key_usage_fits_key', withKey(rsa, rsaKey(2048), 'keyAgreement')],
    [
      'rfc5280_key_usage_fits_key',
      withKey(sequence(objectIdentifier(KEY_ALGORITHM.Ed25519)), Buffer.alloc(32), 'keyAgreement'),
    ],
    [
      'rfc5280_key_cert_sign_is_authority',
      withExtensions(basicConstraints({ isCa: true }), keyUsage(['cRLSign'])),
    ],
    [
      'rfc5280_extension_critical',
      withExtensions(anyExtension(EXTENSION.basicConstraints, sequence(boolean(true)))),
    ],
    ['rfc5280_dns_name', named(implicit(2, ia5String('127.0.0.1')))],
    ['rfc5280_dns_name', named(implicit(2, ia5String('a.example.')))],
    ['rfc5280_dns_name', named(implicit(2, ia5String('')))],
    [
      'rfc5280_alt_names_critical_without_subject',
      withExtensions(subjectAltName([parseSubjectName('a.example')], { isCritical: true })),
    ],
  ];
  for (const [rule, parts] of further)
    assert.ok(rulesOf(forgeTbs(parts, root), rootDer).includes(rule), rule);
});

test('returns a finding for octets that are not a certificate (X.690)', () => {
  const { der } = { der: forge(withExtensions(), root) };
  for (const octets of [
    new Uint8Array(),
    Buffer.from('3000', 'hex'),
    der.subarray(0, 100),
    Buffer.concat([der, der]),
  ])
    assert.deepEqual(rulesOf(octets), ['x690_der']);
  assert.deepEqual(rulesOf(forge(named(), root)), ['x690_der']);
});

test('returns findings for every mutation, and never throws', () => {
  const der = forge(
    asAuthority(
      NAMES,
      cRLDistributionPoints(['http://a.example/']),
      authorityInfoAccess({ ocsp: ['http://a.example/'] }),
    ),
    root,
  );
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (index, value) => {
      const mutated = Buffer.from(der).fill(value, index, index + 1);
      assert.ok(Array.isArray(lintCertificate(mutated)));
    }),
    { numRuns: 2000 },
  );
});

const PROFILES: Readonly<Record<string, CertificateProfile>> = {
  intermediate: {
    ...intermediateProfile(),
    nameConstraints: { permitted: [parseGeneralSubtree('a.example')] },
  },
  server: serverProfile({
    authorityInfoAccess: {
      ocsp: ['http://127.0.0.1:9080/ocsp'],
      caIssuers: ['http://127.0.0.1:9080/ca.cer'],
    },
    cRLDistributionPoints: ['http://127.0.0.1:9080/ca.crl'],
  }),
  client: clientProfile(),
  both: serverClientProfile(),
  responder: ocspResponderProfile(),
};

for (const type of PRIVATE_KEY_TYPES.filter((each) => !['RSA-3072', 'RSA-4096'].includes(each))) {
  test(`finds nothing in certificates of our profiles with ${type}`, () => {
    const key = generatePrivateKey(type);
    const signingKey = { signer: signerFromKey(key), randomBytes };
    const dates = { notBefore: NOT_BEFORE, notAfter: SERVER_NOT_AFTER };
    const subject = { country: 'DE', organization: 'Exämple', commonName: 'Ann' };
    const rootCertificate = selfSignCertificate({ profile: rootProfile(), subject, ...dates }, signingKey);
    assert.deepEqual(lintCertificate(rootCertificate.der), []);
    const names = [
      'a.example',
      '*.a.example',
      '10.0.0.1',
      '::1',
      'ann@a.example',
      'urn:gatehouse:user:ann',
    ].map(parseSubjectName);
    const publicKey = encodeSpki(createPublicKey(key));
    for (const [name, profile] of Object.entries(PROFILES)) {
      const who =
        name === 'intermediate'
          ? { subject }
          : { subject: name === 'server' ? {} : subject, subjectAltNames: names };
      const { der } = issueCertificate(
        { profile, publicKey, ...who, ...dates },
        { certificate: rootCertificate.der, ...signingKey },
      );
      assert.deepEqual(lintCertificate(der, { issuer: readCertificate(rootCertificate.der) }), [], name);
    }
  });
}

test('finds nothing in good certificates of openssl', { skip: skipWithoutOpenssl }, () => {
  const request = ['req', '-x509', '-nodes', '-keyout', 'key.pem', '-subj', '/C=DE/O=A/CN=b', '-days', '2'];
  const good = [
    ['-newkey', 'rsa:2048', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-addext', 'keyUsage=critical,keyCertSign'],
    [
      '-newkey',
      'ed25519',
      '-addext',
      'keyUsage=critical,keyCertSign',
      '-addext',
      'subjectAltName=DNS:a.example,IP:::1',
    ],
  ];
  for (const args of good) {
    const [block] = decodePem(openssl([...request, ...args]));
    assert.deepEqual(lintCertificate(block?.bytes ?? Buffer.alloc(0)), [], args.join(' '));
  }
});

const skipWithoutCerttool =
  spawnSync('certtool', ['--version']).status === 0 ? false : 'needs certtool (apt-get install gnutls-bin)';

test('finds nothing in good certificates of certtool', { skip: skipWithoutCerttool }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'x509-'));
  try {
    const template =
      'cn = "A"\norganization = "B"\ncountry = DE\nca\ncert_signing_key\ncrl_signing_key\nexpiration_days = 3\n';
    writeFileSync(join(folder, 'ca.cfg'), template);
    const run = (...args: string[]) => assert.equal(spawnSync('certtool', args, { cwd: folder }).status, 0);
    run('--generate-privkey', '--key-type=ecdsa', '--curve=secp256r1', '--outfile', 'key.pem');
    run('--generate-self-signed', '--load-privkey', 'key.pem', '--template', 'ca.cfg', '--outfile', 'ca.pem');
    writeFileSync(
      join(folder, 'leaf.cfg'),
      'cn = "a"\ndns_name = "a.example"\ntls_www_server\nsigning_key\nexpiration_days = 2\n',
    );
    const by = ['--load-ca-certificate', 'ca.pem', '--load-ca-privkey', 'key.pem'];
    run(
      '--generate-certificate',
      '--load-privkey',
      'key.pem',
      ...by,
      '--template',
      'leaf.cfg',
      '--outfile',
      'leaf.pem',
    );
    for (const file of ['ca.pem', 'leaf.pem']) {
      const [block] = decodePem(readFileSync(join(folder, file), 'utf8'));
      assert.deepEqual(lintCertificate(block?.bytes ?? Buffer.alloc(0)), [], file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
