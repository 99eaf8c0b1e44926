// The rules for templates: each refusal with its code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { X509Error, type X509ErrorCode } from '../../src/errors.ts';
import {
  type CertificateProfile,
  type CertificateTemplate,
  checkProfile,
  checkTemplate,
  checkUnderIssuer,
} from '../../src/issue/certificate-template.ts';
import { intermediateProfile, rootProfile, serverProfile } from '../../src/issue/profiles.ts';

const server: CertificateTemplate = {
  profile: serverProfile(),
  subject: {},
  subjectAltNames: [{ type: 'dNSName', value: 'localhost' }],
  publicKey: new Uint8Array(),
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-02-01T00:00:00Z'),
};
const authority: CertificateTemplate = {
  ...server,
  profile: rootProfile(),
  subject: { commonName: 'CA' },
  subjectAltNames: [],
};

function assertRefused(code: X509ErrorCode, check: () => void): void {
  assert.throws(check, (error) => error instanceof X509Error && error.code === code);
}

test('accepts templates and profiles that follow every rule', () => {
  for (const profile of [rootProfile(), intermediateProfile(), serverProfile(), {}]) checkProfile(profile);
  checkTemplate(server);
  checkTemplate(authority);
  checkTemplate({ ...server, profile: {}, subject: { commonName: 'client' }, subjectAltNames: [] });
});

test('refuses authorities without keyCertSign, and keyCertSign without an authority (RFC 5280 §4.2.1.3, §4.2.1.9)', () => {
  const refused: CertificateProfile[] = [
    { basicConstraints: { isCa: true } },
    { basicConstraints: { isCa: true }, keyUsage: ['cRLSign'] },
    { keyUsage: ['keyCertSign'] },
    { basicConstraints: { isCa: false }, keyUsage: ['keyCertSign'] },
  ];
  for (const profile of refused) assertRefused('profile_invalid', () => checkProfile(profile));
});

test('refuses a path length that is not 0 to 255, or that is not of an authority (RFC 5280 §4.2.1.9)', () => {
  for (const pathLength of [-1, 0.5, 256, Number.NaN]) {
    const profile: CertificateProfile = {
      basicConstraints: { isCa: true, pathLength },
      keyUsage: ['keyCertSign'],
    };
    assertRefused('profile_invalid', () => checkProfile(profile));
  }
  assertRefused('profile_invalid', () => checkProfile({ basicConstraints: { isCa: false, pathLength: 0 } }));
});

test('refuses name constraints that are empty, or not of an authority (RFC 5280 §4.2.1.10)', () => {
  const nameConstraints = { permitted: [{ type: 'dNSName', value: 'a.example' }] } as const;
  checkProfile({ ...rootProfile(), nameConstraints });
  assertRefused('profile_invalid', () => checkProfile({ ...serverProfile(), nameConstraints }));
  for (const empty of [{}, { permitted: [] }])
    assertRefused('profile_invalid', () => checkProfile({ ...rootProfile(), nameConstraints: empty }));
});

test('refuses dates that are out of order, invalid, or outside of 1950 to 9999 (RFC 5280 §4.1.2.5)', () => {
  const { notBefore, notAfter } = server;
  const refused = [
    { notBefore: notAfter, notAfter: notBefore },
    { notBefore, notAfter: notBefore },
    { notBefore: new Date(Number.NaN), notAfter },
    { notBefore, notAfter: new Date(Number.NaN) },
    { notBefore: new Date('1949-12-31T23:59:59Z'), notAfter },
    { notBefore, notAfter: new Date('+010000-01-01T00:00:00Z') },
  ];
  for (const dates of refused)
    assertRefused('validity_invalid', () => checkTemplate({ ...server, ...dates }));
});

test('refuses a server without a DNS name or an IP address, for any subject (RFC 9525 §2)', () => {
  const subject = { commonName: 'localhost' };
  assertRefused('subject_missing', () => checkTemplate({ ...server, subject, subjectAltNames: [] }));
  const mailbox = { type: 'rfc822Name', value: 'a@b.de' } as const;
  assertRefused('subject_missing', () => checkTemplate({ ...server, subject, subjectAltNames: [mailbox] }));
});

test('refuses a certificate without a name, and an authority without a distinguished name (RFC 5280 §4.1.2.6)', () => {
  assertRefused('subject_missing', () => checkTemplate({ ...server, profile: {}, subjectAltNames: [] }));
  assertRefused('subject_missing', () => checkTemplate({ ...authority, subject: {} }));
  const { subjectAltNames } = server;
  assertRefused('subject_missing', () =>
    checkTemplate({ ...authority, subject: { commonName: undefined } as object, subjectAltNames }),
  );
});

test('refuses a certificate that is valid a second longer than its issuer', () => {
  const after = (milliseconds: number) => ({ notAfter: new Date(server.notAfter.getTime() + milliseconds) });
  checkUnderIssuer(server, { notAfter: server.notAfter });
  checkUnderIssuer({ ...server, ...after(999) }, { notAfter: server.notAfter });
  assertRefused('issuer_outlived', () =>
    checkUnderIssuer({ ...server, ...after(1000) }, { notAfter: server.notAfter }),
  );
});

test('refuses an authority if the path length of the issuer is 0, or not greater (RFC 5280 §4.2.1.9)', () => {
  const { notAfter } = server;
  const under = (pathLength: number | undefined, child?: number) => () => {
    const basicConstraints = child === undefined ? { isCa: true } : { isCa: true, pathLength: child };
    checkUnderIssuer({ ...authority, profile: { basicConstraints } }, { notAfter, pathLength });
  };
  assertRefused('path_length_exceeded', under(0));
  assertRefused('path_length_exceeded', under(0, 0));
  assertRefused('path_length_exceeded', under(1, 1));
  for (const allowed of [under(undefined), under(undefined, 5), under(1), under(1, 0), under(2, 1)])
    allowed();
  checkUnderIssuer(server, { notAfter, pathLength: 0 });
});
