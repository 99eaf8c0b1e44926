// Profiles: what a certificate of each profile may do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientProfile, ocspResponderProfile, serverClientProfile } from '../../src/issue/profiles.ts';
import { readCertificate } from '../../src/read/parse-certificate.ts';
import { openssl, skipWithoutOpenssl } from '../support/openssl.ts';
import { createPki, serverTemplate } from '../support/pki.ts';

const { root, intermediate, server, serverKey, issuer } = createPki();

test('a root may sign certificates and lists, with any number of authorities below (RFC 5280 §4.2.1.9)', () => {
  const { isCa, pathLength, keyUsage, extendedKeyUsage } = readCertificate(root.pem);
  assert.deepEqual(
    [isCa, pathLength, keyUsage, extendedKeyUsage],
    [true, undefined, ['keyCertSign', 'cRLSign'], undefined],
  );
});

test('an intermediate may not sign other authorities (RFC 5280 §4.2.1.9)', () => {
  const { isCa, pathLength, keyUsage } = readCertificate(intermediate.pem);
  assert.deepEqual([isCa, pathLength, keyUsage], [true, 0, ['keyCertSign', 'cRLSign']]);
});

test('a server may only sign handshakes (RFC 5280 §4.2.1.3, §4.2.1.12)', () => {
  const { isCa, keyUsage, extendedKeyUsage, uninterpretedCritical } = readCertificate(server.pem);
  assert.deepEqual([isCa, keyUsage, extendedKeyUsage], [false, ['digitalSignature'], ['serverAuth']]);
  assert.deepEqual(uninterpretedCritical, []);
});

test('a client certificate is for clients, and a serverClient certificate for both (RFC 5280 §4.2.1.12)', () => {
  const purposesOf = (profile: ReturnType<typeof clientProfile>) => {
    const { der } = issuer.issue({ ...serverTemplate(serverKey), profile });
    return readCertificate(der).extendedKeyUsage;
  };
  assert.deepEqual(purposesOf(clientProfile()), ['clientAuth']);
  assert.deepEqual(purposesOf(serverClientProfile()), ['serverAuth', 'clientAuth']);
});

test('a responder may sign OCSP answers, and its own status is not checked (RFC 6960 §4.2.2.2)', {
  skip: skipWithoutOpenssl,
}, () => {
  const subject = { commonName: 'Responder' };
  const { pem } = issuer.issue({ ...serverTemplate(serverKey), subject, profile: ocspResponderProfile() });
  const printed = openssl(['x509', '-in', 'a.pem', '-noout', '-text'], { 'a.pem': pem });
  assert.match(printed, /Extended Key Usage: \n\s+OCSP Signing\n/);
  assert.match(printed, /OCSP No Check: \n/);
});
