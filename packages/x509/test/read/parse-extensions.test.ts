// Reading extensions: values in forms that RFC 5280 §4.2 or DER does not allow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDer } from '../../src/der/read.ts';
import {
  boolean,
  type Der,
  encodeDer,
  objectIdentifier,
  octetString,
  sequence,
} from '../../src/der/write.ts';
import { DerError } from '../../src/errors.ts';
import { authorityInfoAccess, cRLDistributionPoints, nameConstraints } from '../../src/issue/extensions.ts';
import { readExtensions } from '../../src/read/parse-extensions.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const extension = (oid: string, hex: string, ...critical: Der[]) =>
  sequence(objectIdentifier(oid), ...critical, octetString(Buffer.from(hex, 'hex')));
const read = (...extensions: Der[]) => readDer(encodeDer(sequence(...extensions)), readExtensions);

test('reads missing restrictions as undefined, and a missing isCa as false', () => {
  const { keyUsage, extendedKeyUsage, isCa, pathLength, subjectAltNames } = read(extension('1.2.3', '0500'));
  assert.deepEqual(
    [keyUsage, extendedKeyUsage, isCa, pathLength, subjectAltNames],
    [undefined, undefined, false, undefined, []],
  );
});

test('lists unknown critical extensions, and no others (RFC 5280 §4.2)', () => {
  const view = read(
    extension('1.2.3', '0500', boolean(true)),
    extension('1.2.4', '0500'),
    extension(BASIC_CONSTRAINTS, '3000', boolean(true)),
    extension('1.2.5', 'ff', boolean(true)),
  );
  assert.deepEqual(view.uninterpretedCritical, ['1.2.3', '1.2.5']);
});

test('reads the key identifier of an authority and skips its name and serial number (RFC 5280 §4.2.1.1)', () => {
  assert.equal(read(extension('2.5.29.35', '300c8002aabba103820161820101')).authorityKeyIdentifier, 'aabb');
  assert.equal(read(extension('2.5.29.35', '3008a103820161820101')).authorityKeyIdentifier, undefined);
});

test('refuses an extension that appears twice (RFC 5280 §4.2)', () => {
  assert.throws(() => read(extension('1.2.3', '0500'), extension('1.2.3', '0500')), /1\.2\.3 appears twice/);
});

test('refuses values that are malformed, empty or too long, at their offset in the certificate', () => {
  const refused = [
    extension(BASIC_CONSTRAINTS, '3000', boolean(false)),
    extension(BASIC_CONSTRAINTS, '3003010100'),
    extension(BASIC_CONSTRAINTS, '30060101ff0201ff'),
    extension(BASIC_CONSTRAINTS, '30070101ff02020100'),
    extension(BASIC_CONSTRAINTS, '300000'),
    extension('2.5.29.15', '0303060040'),
    extension('2.5.29.37', '3000'),
    extension('2.5.29.14', '0500'),
    extension('2.5.29.35', '0500'),
    extension('2.5.29.17', '3000'),
    extension('2.5.29.17', '30020500'),
    sequence(objectIdentifier('1.2.3')),
  ];
  for (const each of refused) {
    assert.throws(
      () => read(each),
      (error) => error instanceof DerError && error.offset > 2,
      encodeDer(each).toString('hex'),
    );
  }
  assert.throws(() => read(), DerError);
});

test('reads the URLs of distribution points and of access methods, and leaves other locations out', () => {
  const points = encodeDer(cRLDistributionPoints(['http://a.example/1', 'http://b.example/1']));
  const access = encodeDer(
    authorityInfoAccess({ ocsp: ['http://a.example/o'], caIssuers: ['http://a.example/i'] }),
  );
  const view = read(points, access);
  assert.deepEqual(view.cRLDistributionPoints, ['http://a.example/1', 'http://b.example/1']);
  assert.deepEqual(view.authorityInfoAccess, {
    ocsp: ['http://a.example/o'],
    caIssuers: ['http://a.example/i'],
  });
  const relativeName = extension('2.5.29.31', '30083006a004a1028000');
  assert.deepEqual(read(relativeName).cRLDistributionPoints, []);
});

test('reads name constraints, and does not list them as unknown (RFC 5280 §4.2.1.10)', () => {
  const constraints = { permitted: [{ type: 'dNSName', value: 'a.example' }], excluded: [] } as const;
  const view = read(nameConstraints(constraints));
  assert.deepEqual([view.nameConstraints, view.uninterpretedCritical], [constraints, []]);
  assert.throws(() => read(extension('2.5.29.30', '3000', boolean(true))), DerError);
});

test('reads that a server must staple, and no other TLS feature (RFC 7633 §4.2.3)', () => {
  const tlsFeature = '1.3.6.1.5.5.7.1.24';
  assert.equal(read(extension(tlsFeature, '3003020105')).mustStaple, true);
  assert.equal(read(extension(tlsFeature, '3003020111')).mustStaple, false);
  assert.equal(read(extension('1.2.3', '0500')).mustStaple, false);
  assert.throws(() => read(extension(tlsFeature, '3000')), DerError);
});
