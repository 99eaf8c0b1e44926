// The public key (SPKI) in a certificate (RFC 5280 §4.1), for platforms without a reader of certificates.
// Reads only the fields up to the key. A client that trusts the certificate verifies it elsewhere; a pin
// needs only the key.
import type { Bytes } from '../crypto/primitives.ts';
import { invalidConfiguration } from './errors.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const VERSION = 0xa0;

interface Element {
  tag: number;
  /** Where its content begins and ends. */
  start: number;
  end: number;
}

/** Throws `ObliviousError` `ohttp_configuration_invalid`. */
export function subjectPublicKey(certificate: Uint8Array): Bytes {
  const whole = elementAt(certificate, 0, SEQUENCE);
  const signed = elementAt(certificate, whole.start, SEQUENCE);
  let at = signed.start;
  if (certificate[at] === VERSION) at = elementAt(certificate, at, VERSION).end;
  // Serial number, algorithm, issuer, validity, subject.
  for (const tag of [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE])
    at = elementAt(certificate, at, tag).end;
  const { end } = elementAt(certificate, at, SEQUENCE);
  if (end > signed.end) throw noCertificate();
  return certificate.slice(at, end);
}

function elementAt(octets: Uint8Array, at: number, tag: number): Element {
  const [found, first = 0] = octets.subarray(at, at + 2);
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  if (found !== tag || lengthOctets > 3) throw noCertificate();
  let length = lengthOctets === 0 ? first : 0;
  for (const octet of octets.subarray(at + 2, at + 2 + lengthOctets)) length = length * 256 + octet;
  const start = at + 2 + lengthOctets;
  const end = start + length;
  if (end > octets.length) throw noCertificate();
  return { tag, start, end };
}

function noCertificate(): Error {
  return invalidConfiguration('The certificate of the keys cannot be read.');
}
