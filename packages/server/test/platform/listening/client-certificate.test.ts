// The facts that a client certificate has about its holder, and refused certificates
// (docs/wire/client-certificate.md).
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { readClientCertificate, spiffeIdOf } from '@gatehouse/access';
import { clientProfile, rootProfile, serverClientProfile } from '@gatehouse/x509';
import fc from 'fast-check';
import { presentedCertificate } from '../../../src/platform/listening/client-certificate.ts';
import type { ClientOrder } from '../../support/certificates.ts';
import { createTestAuthority } from '../../support/certificates.ts';
import { refusal } from '../../support/errors.ts';

const authority = createTestAuthority();
const ROBOT = 'urn:gatehouse:service:robot';

function derOf(order: ClientOrder): Uint8Array {
  return new X509Certificate(authority.issueClient(order).cert).raw;
}

test('returns the owner, the expiry, the issuer and the thumbprint (RFC 8705 §3.1)', () => {
  const notAfter = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
  const { cert, serialNumber } = authority.issueClient({ uris: [ROBOT], notAfter });
  const { raw, fingerprint256 } = new X509Certificate(cert);
  const { isSignedBy, ...said } = readClientCertificate(raw);
  assert.deepEqual(said, {
    serialNumber,
    issuerKeyId: authority.keyId,
    notAfter: notAfter.getTime(),
    owner: { kind: 'service', name: 'robot' },
    thumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
  });
  assert.equal(isSignedBy(authority.spki), true);
});

test('refuses a certificate signed by another authority with the same key identifier', () => {
  const [ours, printers] = [authority.authorityBelow(), authority.authorityBelow()];
  const { cert } = printers.issueClient({ uris: [ROBOT] });
  const { isSignedBy } = readClientCertificate(new X509Certificate(cert).raw);
  assert.deepEqual(
    [isSignedBy(ours.spki), isSignedBy(printers.spki), isSignedBy(ours.spki)],
    [false, true, false],
  );
});

test('reads every name that identity allows, percent-encoded', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,20}$/);
  fc.assert(
    fc.property(name, fc.constantFrom('user', 'service'), (owner, kind) => {
      const uri = `urn:gatehouse:${kind}:${encodeURIComponent(owner)}`;
      assert.deepEqual(readClientCertificate(derOf({ uris: [uri] })).owner, { kind, name: owner });
    }),
    { numRuns: 25 },
  );
});

test('reads the same names from a SPIFFE ID of any trust domain, if a path can have them', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,20}$/);
  fc.assert(
    fc.property(name, fc.constantFrom('user', 'service'), (owner, kind) => {
      const uri = spiffeIdOf({ kind, name: owner }, 'example.org');
      if (uri === undefined) assert.match(owner, /@@|@$|@\.\.?(?:@|$)/);
      else assert.deepEqual(readClientCertificate(derOf({ uris: [uri] })).owner, { kind, name: owner });
    }),
    { numRuns: 50 },
  );
});

test('a certificate with a SPIFFE ID has no other URI, and the keyUsage of an SVID (X509-SVID §2, §4.3)', () => {
  const id = 'spiffe://example.org/service/robot';
  const refused = refusal('client_certificate_invalid', /does not name one owner/);
  for (const other of ['https://example.com/', id, ROBOT, 'spiffe://example.org/service/other']) {
    assert.throws(() => readClientCertificate(derOf({ uris: [id, other] })), refused, other);
  }
  const dnsNames = ['robot.example.com'];
  assert.equal(readClientCertificate(derOf({ uris: [id], dnsNames })).owner.name, 'robot');
  const { keyUsage: _, ...withoutUsage } = clientProfile();
  const badUsage = refusal('client_certificate_invalid', /keyUsage/);
  for (const profile of [
    withoutUsage,
    { ...clientProfile(), keyUsage: ['digitalSignature', 'cRLSign'] as const },
  ]) {
    assert.throws(() => readClientCertificate(derOf({ uris: [id], profile })), badUsage);
  }
});

test('a certificate may have other names besides the owner, for example if it is also for servers', () => {
  const dnsNames = ['robot.example.com'];
  const der = derOf({ uris: [ROBOT, 'https://example.com/'], dnsNames, profile: serverClientProfile() });
  assert.equal(readClientCertificate(der).owner.name, 'robot');
});

test('refuses every other spelling of an owner, two owners, and no owner', () => {
  const spellings = [
    ['urn:gatehouse:Service:robot'],
    ['URN:gatehouse:service:robot'],
    ['urn:gatehouse:service:%72obot'],
    ['urn:gatehouse:service:a%2fb'],
    ['urn:gatehouse:service:robot:x'],
    ['urn:gatehouse:operator:local'],
    [ROBOT, 'urn:gatehouse:user:alice'],
    [ROBOT, 'urn:gatehouse:other:thing'],
    ['https://example.com/robot'],
  ];
  for (const uris of spellings) {
    const refused = refusal('client_certificate_invalid', /does not name one owner/);
    assert.throws(() => readClientCertificate(derOf({ uris })), refused, uris.join());
  }
});

test('refuses authorities, other purposes, and keys that may not sign (RFC 5280 §4.2.1)', () => {
  const profiles = [
    [{ ...rootProfile(), extendedKeyUsage: ['clientAuth'] }, /authority/],
    [{ ...clientProfile(), extendedKeyUsage: ['emailProtection'] }, /not for clients/],
    [{ keyUsage: ['digitalSignature'] }, /not for clients/],
    [{ ...clientProfile(), keyUsage: ['keyAgreement'] }, /may not sign/],
  ] as const;
  for (const [profile, reason] of profiles) {
    const der = derOf({ uris: [ROBOT], profile });
    assert.throws(() => readClientCertificate(der), refusal('client_certificate_invalid', reason));
  }
});

test('refuses octets that are not a certificate, with an expected error', () => {
  const good = derOf({ uris: [ROBOT] });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ change;
      try {
        readClientCertificate(bad);
      } catch (error) {
        refusal('client_certificate_invalid')(error);
      }
    }),
  );
});

test('refuses a certificate that TLS did not verify, with the reason', () => {
  const presented = { raw: derOf({ uris: [ROBOT] }) };
  const socket = (authorizationError: string | null) =>
    ({
      authorized: authorizationError === null,
      authorizationError,
      getPeerX509Certificate: () => presented,
    }) as unknown as TLSSocket;
  assert.equal(presentedCertificate(socket(null))?.certificate?.owner.name, 'robot');
  const flaws = {
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: /not issued here/,
    CERT_HAS_EXPIRED: /expired/,
    CERT_SIGNATURE_FAILURE: /CERT_SIGNATURE_FAILURE/,
  };
  for (const [code, reason] of Object.entries(flaws)) {
    assert.match(presentedCertificate(socket(code))?.flaw ?? '', reason);
  }
  const none = { getPeerX509Certificate: () => undefined } as unknown as TLSSocket;
  assert.equal(presentedCertificate(none), undefined);
});
