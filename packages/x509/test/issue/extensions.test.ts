// Written extensions: their octets by the modules of RFC 5280, and values that are refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeDer } from '../../src/der/write.ts';
import { X509Error } from '../../src/errors.ts';
import {
  acmeIdentifier,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  cRLDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../src/issue/extensions.ts';

test('writes each extension as RFC 5280 §4.2 defines it', () => {
  const url = Buffer.from('http://a/').toString('hex');
  const dns = Buffer.from('a.de').toString('hex');
  const cases = [
    [basicConstraints({ isCa: true, pathLength: 0 }), '30120603551d130101ff040830060101ff020100'],
    [basicConstraints({ isCa: false }), '300c0603551d130101ff04023000'],
    [keyUsage(['cRLSign', 'keyCertSign']), '300e0603551d0f0101ff040403020106'],
    [keyUsage(['digitalSignature']), '300e0603551d0f0101ff040403020780'],
    [keyUsage(['decipherOnly']), '300f0603551d0f0101ff04050303070080'],
    [extendedKeyUsage(['serverAuth']), '30130603551d25040c300a06082b06010505070301'],
    [subjectKeyIdentifier(Uint8Array.of(1, 2)), '300b0603551d0e040404020102'],
    [authorityKeyIdentifier(Uint8Array.of(1, 2)), '300d0603551d230406300480020102'],
    [
      subjectAltName([{ type: 'dNSName', value: 'a.de' }], { isCritical: false }),
      `300f0603551d11040830068204${dns}`,
    ],
    [
      subjectAltName([{ type: 'dNSName', value: 'a.de' }], { isCritical: true }),
      `30120603551d110101ff040830068204${dns}`,
    ],
    [cRLDistributionPoints(['http://a/']), `301a0603551d1f04133011300fa00da00b8609${url}`],
    [
      authorityInfoAccess({ ocsp: ['http://a/'] }),
      `302506082b0601050507010104193017301506082b060105050730018609${url}`,
    ],
    // RFC 8737 §3.
    [acmeIdentifier(Uint8Array.of(1, 2)), '301306082b0601050507011f0101ff040404020102'],
  ] as const;
  for (const [extension, hex] of cases) assert.equal(encodeDer(extension).toString('hex'), hex);
});

test('refuses empty extensions (RFC 5280 §4.2: SIZE (1..MAX))', () => {
  assert.throws(() => keyUsage([]), TypeError);
  assert.throws(() => extendedKeyUsage([]), TypeError);
  assert.throws(() => subjectAltName([], { isCritical: false }), TypeError);
  assert.throws(() => authorityInfoAccess({ ocsp: [] }), TypeError);
  assert.throws(() => cRLDistributionPoints([]), TypeError);
});

test('refuses locations of status and issuer that are not plain HTTP (RFC 5280 §8)', () => {
  for (const url of ['https://a/', 'ldap://a/', 'a', 'http://', 'http:a', 'http://a b']) {
    assert.throws(() => cRLDistributionPoints([url]), X509Error, url);
    assert.throws(() => authorityInfoAccess({ caIssuers: [url] }), X509Error, url);
  }
});
