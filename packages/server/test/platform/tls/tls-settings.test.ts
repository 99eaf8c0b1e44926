// The settings under `tls`: presets, names, and refusals with their reasons (RFC 9325, RFC 8996).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { problemOf } from '../../../src/platform/problems/schema-problem.ts';
import type { tlsSettings } from '../../../src/platform/tls/tls-settings.ts';
import { resolveTlsSettings } from '../../../src/platform/tls/tls-settings.ts';

type Given = z.input<typeof tlsSettings>;

const SUITES_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** The text after the name of the setting. */
function refusalOf(given: Given): string {
  try {
    resolveTlsSettings(given);
  } catch (error) {
    assert.ok(error instanceof z.ZodError);
    const [issue] = error.issues;
    assert.ok(issue);
    return `${issue.path.join('.')} ${problemOf(issue)}`;
  }
  return assert.fail(`${JSON.stringify(given)} is accepted`);
}

test('the preset modern, the default, is TLS 1.3 with X25519MLKEM768 first', () => {
  const { minVersion, maxVersion, suites, groups } = resolveTlsSettings({});
  assert.deepEqual([minVersion, maxVersion], ['TLSv1.3', 'TLSv1.3']);
  assert.deepEqual(suites, SUITES_13);
  assert.deepEqual(groups, ['X25519MLKEM768', 'X25519', 'P-256', 'P-384']);
  assert.deepEqual(resolveTlsSettings({ preset: 'modern' }).suites, suites);
});

test('the preset intermediate adds TLS 1.2, only with ECDHE and AEAD (RFC 9325 §4.2)', () => {
  const { minVersion, maxVersion, suites } = resolveTlsSettings({ preset: 'intermediate' });
  assert.deepEqual([minVersion, maxVersion], ['TLSv1.2', 'TLSv1.3']);
  assert.deepEqual(suites.slice(0, 3), SUITES_13);
  for (const suite of suites.slice(3)) assert.match(suite, /^ECDHE-(?:ECDSA|RSA)-(?:AES\d+-GCM|CHACHA20)-/);
});

test('versions by hand override the preset', () => {
  for (const minVersion of ['1.2', 'TLSv1.2', 1.2]) {
    assert.equal(resolveTlsSettings({ minVersion }).minVersion, 'TLSv1.2');
  }
  assert.equal(resolveTlsSettings({ preset: 'intermediate', minVersion: '1.3' }).minVersion, 'TLSv1.3');
  const oldOnly = resolveTlsSettings({ maxVersion: '1.2' });
  assert.deepEqual([oldOnly.minVersion, oldOnly.maxVersion], ['TLSv1.2', 'TLSv1.2']);
  assert.ok(oldOnly.suites.every((suite) => suite.startsWith('ECDHE-')));
});

test('accepts suites and groups with the names of OpenSSL, IANA and NIST, with commas or as a list', () => {
  const given = {
    preset: 'intermediate',
    suites: 'TLS_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,ecdhe-ecdsa-chacha20-poly1305',
    groups: ['x25519', 'secp256r1', 'prime256v1'],
  } as const;
  const { suites, groups } = resolveTlsSettings({ ...given, groups: [...given.groups] });
  assert.deepEqual(suites, [
    'TLS_AES_256_GCM_SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
  ]);
  assert.deepEqual(groups, ['X25519', 'P-256']);
  const iana = 'TLS_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256';
  const named = resolveTlsSettings({ minVersion: '1.2', suites: iana }).suites;
  assert.deepEqual(named, ['TLS_AES_128_GCM_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']);
});

const weak: [suite: string, why: RegExp][] = [
  ['ECDHE-RSA-AES128-SHA', /CBC.*RFC 9325/],
  ['ECDHE-ECDSA-AES256-SHA384', /CBC/],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', /CBC/],
  ['AES128-SHA', /CBC/],
  ['TLS_RSA_WITH_AES_128_GCM_SHA256', /forward secrecy/],
  ['AES256-GCM-SHA384', /forward secrecy/],
  ['TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256', /forward secrecy/],
  ['RC4-SHA', /RC4.*RFC 7465/],
  ['ECDHE-RSA-RC4-SHA', /RC4/],
  ['DES-CBC3-SHA', /3DES/],
  ['TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA', /3DES/],
  ['EXP-RC4-MD5', /export/],
  ['TLS_RSA_EXPORT_WITH_DES40_CBC_SHA', /export/],
  ['ADH-AES128-GCM-SHA256', /anonymous/],
  ['TLS_DH_anon_WITH_AES_128_GCM_SHA256', /anonymous/],
  ['AECDH-AES256-SHA', /anonymous/],
  ['ECDHE-RSA-NULL-SHA', /encrypts nothing/],
  ['eNULL', /encrypts nothing/],
  ['TLS_AES_128_CCM_8_SHA256', /64 bits/],
  ['DHE-RSA-AES128-GCM-SHA256', /finite-field/],
  ['PSK-AES128-GCM-SHA256', /secret/],
  ['DEFAULT', /not the name of a suite/],
  ['', /an empty name/],
];

for (const [suite, why] of weak) {
  test(`refuses the suite "${suite}", says why, and names a better one`, () => {
    const message = refusalOf({ preset: 'intermediate', suites: `TLS_AES_128_GCM_SHA256,${suite}` });
    assert.match(message, /^suites .*: use TLS_AES_128_GCM_SHA256$/);
    assert.ok(message.includes(suite), message);
    assert.match(message, why);
  });
}

test('refuses groups with less than 128 bits of security, and unknown ones', () => {
  for (const group of ['P-192', 'secp224r1', 'P-224', 'secp160k1', 'sect163k1']) {
    assert.match(
      refusalOf({ groups: `X25519,${group}` }),
      /^groups .*less than 128 bits.*: use X25519MLKEM768$/,
    );
  }
  assert.match(refusalOf({ groups: 'ffdhe2048' }), /ffdhe2048 is finite-field/);
  assert.match(refusalOf({ groups: 'P-257' }), /P-257 is not the name of a group/);
});

test('refuses versions before 1.2, with the reason (RFC 8996)', () => {
  for (const minVersion of ['1.0', '1.1', 'TLSv1', 'TLSv1.1', 'SSLv3', '1']) {
    const reason = `minVersion must be 1.2 or 1.3, not "${minVersion}": older versions are not secure (RFC 8996)`;
    assert.equal(refusalOf({ minVersion }), reason);
  }
  assert.equal(refusalOf({ maxVersion: '1.4' }), 'maxVersion must be 1.2 or 1.3');
});

test('refuses choices that cannot work together', () => {
  assert.match(refusalOf({ minVersion: '1.3', maxVersion: '1.2' }), /^maxVersion is 1\.2, but .*: set/);
  assert.match(
    refusalOf({ suites: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    /works only with TLS 1\.2, which tls\.minVersion excludes: use TLS_AES_128_GCM_SHA256, or set/,
  );
  assert.match(
    refusalOf({ maxVersion: '1.2', suites: 'TLS_AES_128_GCM_SHA256' }),
    /works only with TLS 1\.3, which tls\.maxVersion excludes: use ECDHE-ECDSA-AES128-GCM-SHA256, or set/,
  );
  assert.match(
    refusalOf({ minVersion: '1.2', suites: 'TLS_AES_128_GCM_SHA256' }),
    /no suite in the list works with TLS 1\.2: add ECDHE-.*, or set tls\.minVersion to 1\.3/,
  );
  assert.match(
    refusalOf({ minVersion: '1.2', suites: 'ECDHE-RSA-AES128-GCM-SHA256' }),
    /no suite in the list works with TLS 1\.3: add TLS_.*, or set tls\.maxVersion to 1\.2/,
  );
  assert.match(
    refusalOf({ minVersion: '1.2', groups: 'X25519MLKEM768' }),
    /no group .* TLS 1\.2: add X25519,/,
  );
  assert.match(
    refusalOf({ suites: [] }),
    /no suite in the list works with TLS 1\.3: add TLS_AES_128_GCM_SHA256$/,
  );
});
