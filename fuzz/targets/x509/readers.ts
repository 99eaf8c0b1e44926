// The readers of @gatehouse/x509. A reader may refuse an input only with an X509Error. What it accepts must
// give the same octets when written again, if the writer supports everything that was read.
import assert from 'node:assert/strict';
import { type DerReader, readDer } from '../../../packages/x509/src/der/read.ts';
import { CONSTRUCTED, TAG } from '../../../packages/x509/src/der/tags.ts';
import {
  bitString,
  boolean,
  type Der,
  encodeDer,
  enumerated,
  explicit,
  generalizedTime,
  ia5String,
  integer,
  node,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  time,
  utf8String,
} from '../../../packages/x509/src/der/write.ts';
import {
  lintCertificate,
  type OcspResponse,
  readCertificate,
  readOcspRequest,
  readOcspResponse,
  readRequest,
  readRevocationList,
  X509Error,
} from '../../../packages/x509/src/index.ts';
import { readCertId } from '../../../packages/x509/src/ocsp/cert-id.ts';
import { OCSP } from '../../../packages/x509/src/oids.ts';
import { readSerialNumber, serialNumberInteger } from '../../../packages/x509/src/serial-number.ts';
import { encodeSignedOctets } from '../../../packages/x509/src/signed.ts';
import type { FuzzReader } from '../../harness/target.ts';

export const X509_READERS: readonly FuzzReader[] = [
  {
    ...reader('readDer', (input) => assertSame(encodeDer(readDer(input, rewrite)), input)),
    isGeneral: true,
  },
  reader('readCertificate', (input) => {
    const certificate = readCertificate(input);
    assertSame(encodeSignedOctets(certificate), certificate.der);
    assertSameSerial(certificate.serialNumber);
  }),
  reader('readRequest', (input) => {
    const request = readRequest(input);
    assertSame(encodeSignedOctets(request), request.der);
  }),
  reader('readRevocationList', (input) => {
    const list = readRevocationList(input);
    assertSame(encodeSignedOctets(list), list.der);
    for (const serialNumber of list.revoked.keys()) assertSameSerial(serialNumber);
  }),
  reader('readOcspRequest', (input) => {
    for (const request of readOcspRequest(input).requests) {
      assert.deepEqual(readDer(request.certId, readCertId), request);
      assertSameSerial(request.serialNumber);
    }
  }),
  reader('readOcspResponse', (input) => assertSameResponse(readOcspResponse(input))),
  { name: 'lintCertificate', accepts: (input) => lintCertificate(input).length === 0 },
];

function reader(name: string, read: (input: Uint8Array) => void): FuzzReader {
  return {
    name,
    accepts: (input) => {
      try {
        read(input);
        return true;
      } catch (error) {
        if (error instanceof X509Error) return false;
        throw error;
      }
    },
  };
}

function assertSame(written: Uint8Array, read: Uint8Array): void {
  assert.equal(Buffer.compare(written, read), 0, 'it is written in other octets than it was read from');
}

function assertSameSerial(serialNumber: string): void {
  assert.equal(readDer(encodeDer(serialNumberInteger(serialNumber)), readSerialNumber), serialNumber);
}

/** An empty list of certificates reads like a missing one, so one of the two forms must match. */
function assertSameResponse({ der, responseStatus, basic }: OcspResponse): void {
  if (basic === undefined) {
    assert.notEqual(responseStatus, 'successful');
    return;
  }
  const { tbs, signatureAlgorithm, signature, certificates } = basic;
  const own = explicit(0, sequence(...certificates));
  const forms = [[own], ...(certificates.length === 0 ? [[]] : [])].map((certs) => {
    const response = octetString(sequence(tbs, signatureAlgorithm, bitString(signature), ...certs));
    const bytes = sequence(objectIdentifier(OCSP.basicResponse), response);
    return encodeDer(sequence(enumerated(0), explicit(0, bytes)));
  });
  assert.ok(forms.some((form) => Buffer.compare(form, der) === 0));
}

type Rewriter = (reader: DerReader) => Der;

/** Values with a writer. All others are written as the octets of their content. */
const REWRITERS: ReadonlyMap<number, Rewriter> = new Map<number, Rewriter>([
  [TAG.boolean, (value) => boolean(value.boolean())],
  [TAG.integer, (value) => integer(value.integer())],
  [TAG.enumerated, (value) => enumerated(value.enumerated(0x7f))],
  [TAG.objectIdentifier, (value) => objectIdentifier(value.objectIdentifier())],
  [TAG.utf8String, (value) => utf8String(value.utf8String())],
  [TAG.printableString, (value) => printableString(value.printableString())],
  [TAG.ia5String, (value) => ia5String(value.ia5String())],
  [TAG.utcTime, (value) => time(value.time())],
  [TAG.set, (value) => node(TAG.set, value.setOf(rewrite))],
  [
    TAG.bitString,
    (value) => {
      const { bytes, unusedBits } = value.bitString();
      return bitString(bytes, unusedBits);
    },
  ],
  [
    TAG.generalizedTime,
    (value) => {
      const { bytes, value: date } = value.capture((field) => field.generalizedTime());
      return date.getUTCFullYear() < WRITTEN_SINCE_YEAR ? bytes : generalizedTime(date);
    },
  ],
]);
const WRITTEN_SINCE_YEAR = 1950;

function rewrite(value: DerReader): Der {
  const tag = value.nextTag ?? 0;
  const known = REWRITERS.get(tag);
  if (known !== undefined) return known(value);
  if ((tag & CONSTRUCTED) === 0) return node(tag, [value.element().content]);
  return node(
    tag,
    value.within(tag, (inner) => inner.list(rewrite)),
  );
}
