// The readers of @gatehouse/x509. Each may refuse an input by an X509Error and by nothing else; what it takes must be written
// again as the same octets wherever the writer has all that was read.
import assert from 'node:assert/strict';
import { DerFiller } from '../../../packages/x509/src/der/fill.ts';
import { type DerReader, readDer } from '../../../packages/x509/src/der/read.ts';
import { TAG } from '../../../packages/x509/src/der/tags.ts';
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
  utf8String,
} from '../../../packages/x509/src/der/write.ts';
import {
  lintCertificate,
  type ParsedCertificate,
  readCertificate,
  readOcspRequest,
  readOcspResponse,
  readRequest,
  readRevocationList,
  type SignedOctets,
  X509Error,
} from '../../../packages/x509/src/index.ts';
import { readCertId } from '../../../packages/x509/src/ocsp-cert-id.ts';
import { OCSP } from '../../../packages/x509/src/oids.ts';
import { readSerialNumber, serialNumberInteger } from '../../../packages/x509/src/serial-number.ts';
import { encodeSignedOctets } from '../../../packages/x509/src/signed.ts';
import type { FuzzReader } from '../../harness/target.ts';

export const X509_READERS: readonly FuzzReader[] = [
  reader('readDer', (input) => assertSame(encodeDer(readDer(input, describe)), input)),
  reader('readCertificate', (input) => {
    const certificate = readCertificate(input);
    assertSame(encodeSignedOctets(certificate), input);
    assertSameSerial(certificate);
  }),
  reader('readRequest', (input) => assertSame(encodeSignedOctets(readRequest(input)), input)),
  reader('readRevocationList', (input) => {
    const list = readRevocationList(input);
    assertSame(encodeSignedOctets(list), input);
    for (const serialNumber of list.revoked.keys()) assertSameSerial({ serialNumber });
  }),
  reader('readOcspRequest', (input) => {
    for (const { certId, ...read } of readOcspRequest(input).requests) {
      assert.deepEqual(readDer(certId, readCertId), { certId, ...read });
      assertSameSerial(read);
    }
  }),
  reader('readOcspResponse', (input) => assertSameResponse(readOcspResponse(input), input)),
  reader('lintCertificate', (input) => {
    if (lintCertificate(input).length > 0) throw new X509Error('certificate_invalid', 'lint has findings');
  }),
];
