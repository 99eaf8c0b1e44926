// The unique identifier of a certificate in renewal information (RFC 9773 §4.1): the key identifier of its
// issuer and its serial number, both base64url without padding, with a dot between.

import { AcmeError } from '../problem.ts';
import { decode } from '../request/jws.ts';

export interface CertificateId {
  /** Lower-case hex. */
  issuerKeyId: string;
  /** Lower-case hex in whole octets, as the inventory has it. */
  serialNumber: string;
}

const MAX_LENGTH = 200;

/** Throws `malformed`. */
export function parseCertificateId(text: string): CertificateId {
  const [issuerKeyId = '', serialNumber = '', ...others] = text.length > MAX_LENGTH ? [] : text.split('.');
  if (issuerKeyId === '' || serialNumber === '' || others.length > 0) {
    throw new AcmeError(
      'malformed',
      'A certificate id is two base64url texts with a dot between them (RFC 9773 §4.1).',
    );
  }
  const serial = decode(serialNumber, 'serial number');
  return {
    issuerKeyId: decode(issuerKeyId, 'key identifier').toString('hex'),
    // DER writes a zero octet before a serial number whose first bit is set.
    serialNumber: (serial[0] === 0 && serial.length > 1 ? serial.subarray(1) : serial).toString('hex'),
  };
}

/** The identifier of a certificate, as `parseCertificateId` reads it. */
export function formatCertificateId({ issuerKeyId, serialNumber }: CertificateId): string {
  const serial = Buffer.from(serialNumber, 'hex');
  const positive = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), serial]) : serial;
  return `${Buffer.from(issuerKeyId, 'hex').toString('base64url')}.${positive.toString('base64url')}`;
}
