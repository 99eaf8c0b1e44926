// What one certificate must satisfy by itself (RFC 5280 §4.2, §6.1.3, §6.1.4): dates, critical extensions, purpose, authority.
import { X509Error } from '../errors.ts';
import type { KeyPurpose } from '../extensions.ts';
import { USAGES_OF_PURPOSE } from '../key-purpose.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { describe } from '../verify/path-building.ts';

/**
 * @throws X509Error `certificate_not_yet_valid` or `certificate_expired`
 */
export function requireDates(certificate: ParsedCertificate, at: Date): void {
  const { notBefore, notAfter } = certificate;
  if (at < notBefore) {
    throw new X509Error(
      'certificate_not_yet_valid',
      `${describe(certificate)} is valid from ${notBefore.toISOString()} on; check the clock`,
    );
  }
  if (at.getTime() >= notAfter.getTime() + LAST_SECOND_MS) {
    throw new X509Error(
      'certificate_expired',
      `${describe(certificate)} expired at ${notAfter.toISOString()}; renew it`,
    );
  }
}

/**
 * @throws X509Error `extension_unknown` (RFC 5280 §4.2)
 */
export function requireKnownExtensions(certificate: ParsedCertificate): void {
  const [oid] = certificate.uninterpretedCritical;
  if (oid === undefined) return;
  throw new X509Error(
    'extension_unknown',
    `${describe(certificate)} has the critical extension ${oid}, which is not known here (RFC 5280 §4.2)`,
  );
}

/**
 * @throws X509Error `issuer_invalid` for a certificate that may not sign others (RFC 5280 §4.2.1.3, §4.2.1.9)
 */
export function requireAuthority(certificate: ParsedCertificate): void {
  if (certificate.isCa && certificate.keyUsage?.includes('keyCertSign') !== false) return;
  throw new X509Error(
    'issuer_invalid',
    `${describe(certificate)} is no authority: it may not sign certificates`,
  );
}

/**
 * What a certificate is presented for, by its key usage and extended key usage. Purposes that others rely on blindly must be named.
 * @throws X509Error `purpose_mismatch` (RFC 5280 §4.2.1.3, §4.2.1.12)
 */
export function requirePurpose(certificate: ParsedCertificate, purpose: KeyPurpose): void {
  const { keyUsage, extendedKeyUsage } = certificate;
  const usages = USAGES_OF_PURPOSE[purpose];
  const isNamed = extendedKeyUsage?.includes(purpose) ?? !MUST_BE_NAMED.includes(purpose);
  if (isNamed && (keyUsage === undefined || usages.some((usage) => keyUsage.includes(usage)))) return;
  const found = isNamed
    ? `its key usage is ${keyUsage?.join(', ')}, and none of ${usages.join(', ')}`
    : `it is for ${extendedKeyUsage?.join(', ').slice(0, 200) ?? 'nothing in particular'}`;
  throw new X509Error('purpose_mismatch', `${describe(certificate)} is not for ${purpose}; ${found}`);
}

/** `notAfter` is the last second that counts. */
const LAST_SECOND_MS = 1000;

/** RFC 6960 §4.2.2.2, RFC 3161 §2.3. */
const MUST_BE_NAMED: readonly KeyPurpose[] = ['OCSPSigning', 'timeStamping', 'codeSigning'];
