// The forms in which a root can be compared, pinned and published (docs/wire/fingerprint.md). All except the
// first come from its public key, so they stay the same when the certificate is renewed.
import { hash } from 'node:crypto';
import { type ParsedCertificate, spkiFingerprint } from '@gatehouse/x509';

export interface Fingerprint {
  /** RFC 4514. */
  subject: string;
  notBefore: string;
  notAfter: string;
  /** Of the certificate: SHA-256, upper-case hex with colons, as openssl and browsers display it. */
  sha256: string;
  /** Of the public key (SubjectPublicKeyInfo), like all below: SHA-256, lower-case hex. */
  spkiSha256: string;
  /** `sha256/` and base64. */
  pin: string;
  /** Six groups of five digits, to read aloud. */
  digits: string;
  /** `ni:///sha-256;…` (RFC 6920 §3), the content of the QR code. */
  uri: string;
}

export function fingerprintOf(certificate: ParsedCertificate): Fingerprint {
  const { hex, pin } = spkiFingerprint(certificate);
  const digest = Buffer.from(hex, 'hex');
  return {
    subject: certificate.subject.text,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    sha256: colons(hash('sha256', certificate.der, 'hex').toUpperCase()),
    spkiSha256: hex,
    pin,
    digits: digitGroups(digest),
    uri: `ni:///sha-256;${digest.toString('base64url')}`,
  };
}

/** Takes the last five decimal digits of each five octets: 30 octets give 30 digits, or 99 bits. */
export function digitGroups(digest: Buffer): string {
  const groups = Array.from({ length: GROUPS }, (_, index) =>
    digest.readUIntBE(index * OCTETS_PER_GROUP, OCTETS_PER_GROUP),
  );
  return groups
    .map((number) => String(number % 10 ** DIGITS_PER_GROUP).padStart(DIGITS_PER_GROUP, '0'))
    .join(' ');
}

const GROUPS = 6;
const OCTETS_PER_GROUP = 5;
const DIGITS_PER_GROUP = 5;

function colons(hex: string): string {
  return hex.replaceAll(/(..)(?=.)/g, '$1:');
}
