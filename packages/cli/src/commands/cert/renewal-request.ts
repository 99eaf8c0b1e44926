// The request of a renewal (RFC 2986). The server takes names, profile and owner from the old certificate,
// and only the key from this request. Its names are only for people.
import type { KeyObject } from 'node:crypto';
import { createRequest, type GeneralName, type ParsedCertificate, signerFromKey } from '@gatehouse/x509';

/** PEM: a request for `key` with the names of the certificate. */
export function renewalRequest(certificate: ParsedCertificate, key: KeyObject): string {
  const names = certificate.subjectAltNames.filter((name): name is GeneralName => {
    return name.type !== 'uninterpreted';
  });
  if (names.length === 0) return renewalRequestFor(certificate.serialNumber, key);
  return createRequest({ subject: {}, subjectAltNames: names }, signerFromKey(key)).pem;
}

/** The same if only the serial number is known. */
export function renewalRequestFor(serial: string, key: KeyObject): string {
  return createRequest({ subject: { commonName: serial } }, signerFromKey(key)).pem;
}
