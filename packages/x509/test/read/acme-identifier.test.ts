// The acmeIdentifier extension (RFC 8737 §3) in certificates that only ACME servers read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bitString,
  boolean,
  type Der,
  encodeDer,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from '../../src/der/write.ts';
import { DerError, readAcmeIdentifier } from '../../src/index.ts';
import { createPki } from '../support/pki.ts';

const OID = '1.3.6.1.5.5.7.1.31';
const DIGEST = Buffer.alloc(32, 7);
const FILLER = sequence();

/** The parts of a certificate that the reader needs. */
function certificateWith(...extensions: Der[]): Uint8Array {
  const head = [explicit(0, integer(2)), integer(1), FILLER, FILLER, FILLER, FILLER, FILLER];
  const tbs = sequence(...head, explicit(3, sequence(...extensions)));
  return encodeDer(sequence(tbs, FILLER, bitString(new Uint8Array(1))));
}

function extension(oid: string, value: Der, { isCritical = true } = {}): Der {
  return sequence(objectIdentifier(oid), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

test('returns the digest, and whether the extension is critical, among other extensions (RFC 8737 §3)', () => {
  const other = extension('2.5.29.17', sequence());
  for (const isCritical of [true, false]) {
    const der = certificateWith(other, extension(OID, octetString(DIGEST), { isCritical }), other);
    assert.deepEqual(readAcmeIdentifier(der), { isCritical, digest: DIGEST });
  }
});

test('returns undefined for a certificate without the extension, or without any', () => {
  assert.equal(readAcmeIdentifier(certificateWith(extension('2.5.29.17', sequence()))), undefined);
  assert.equal(readAcmeIdentifier(createPki().server.der), undefined);
  assert.equal(readAcmeIdentifier(encodeDer(sequence(sequence(), FILLER, FILLER))), undefined);
});

test('refuses digests of another length, other values, and octets that are not DER', () => {
  for (const value of [
    octetString(DIGEST.subarray(1)),
    octetString(new Uint8Array()),
    sequence(),
    new Uint8Array(),
  ]) {
    assert.throws(() => readAcmeIdentifier(certificateWith(extension(OID, value))), DerError);
  }
  const der = certificateWith(extension(OID, octetString(DIGEST)));
  assert.throws(() => readAcmeIdentifier(der.subarray(0, -1)), DerError);
  assert.throws(() => readAcmeIdentifier(Buffer.concat([der, Buffer.alloc(1)])), DerError);
});
