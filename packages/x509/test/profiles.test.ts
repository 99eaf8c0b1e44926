// Profiles: what a certificate of each kind may do, as a reader sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCertificate } from '../src/parse-certificate.ts';
import { createPki } from './support/pki.ts';

const { root, intermediate, server } = createPki();

test('lets a root sign certificates and lists, below any number of authorities (RFC 5280 §4.2.1.9)', () => {
  const { isCa, pathLength, keyUsage, extendedKeyUsage } = readCertificate(root.pem);
  assert.deepEqual(
    [isCa, pathLength, keyUsage, extendedKeyUsage],
    [true, undefined, ['keyCertSign', 'cRLSign'], undefined],
  );
});

test('lets an intermediate sign end entities only (RFC 5280 §4.2.1.9)', () => {
  const { isCa, pathLength, keyUsage } = readCertificate(intermediate.pem);
  assert.deepEqual([isCa, pathLength, keyUsage], [true, 0, ['keyCertSign', 'cRLSign']]);
});

test('lets a server sign handshakes and nothing else (RFC 5280 §4.2.1.3, §4.2.1.12)', () => {
  const { isCa, keyUsage, extendedKeyUsage, uninterpretedCritical } = readCertificate(server.pem);
  assert.deepEqual([isCa, keyUsage, extendedKeyUsage], [false, ['digitalSignature'], ['serverAuth']]);
  assert.deepEqual(uninterpretedCritical, []);
});
