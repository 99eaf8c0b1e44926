// Rules for one certificate by itself (RFC 5280 §4.2, §6.1.3, §6.1.4): dates, critical extensions, purpose
// and authority.
import { X509Error } from '../errors.ts';
import type { KeyPurpose } from '../key-usage.ts';
import { USAGES_OF_PURPOSE } from '../key-usage.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { describe } from './path-building.ts';

/**
 * Checks that a certificate is valid at this time.
 * @throws X509Error `certificate_not_yet_valid` or `certificate_expired`
 */
export function requireDates(certificate: ParsedCertificate, at: Date): void {
  const { notBefore, notAfter } = certificate;
  if (at < notBefore) {
    throw new X509Error(
      'certificate_not_yet_valid',
      `${describe(certificate)} is not valid before ${notBefore.toISOString()}; check the clock`,
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
 * Checks that a certificate has no unknown critical extension (RFC 5280 §4.2).
 * @throws X509Error `extension_unknown`
 */
export function requireKnownExtensions(certificate: ParsedCertificate): void {
  const [oid] = certificate.uninterpretedCritical;
  if (oid === undefined) return;
  throw new X509Error(
    'extension_unknown',
    `${describe(certificate)} has the unknown critical extension ${oid} (RFC 5280 §4.2)`,
  );
}

/**
 * Checks that a certificate may sign other certificates (RFC 5280 §4.2.1.3, §4.2.1.9).
 * @throws X509Error `issuer_invalid`
 */
export function requireAuthority(certificate: ParsedCertificate): void {
  if (certificate.isCa && certificate.keyUsage?.includes('keyCertSign') !== false) return;
  throw new X509Error(
    'issuer_invalid',
    `${describe(certificate)} is not an authority: it may not sign certificates`,
  );
}

/**
 * Checks that a certificate is for this purpose, by its key usage and extended key usage (RFC 5280 §4.2.1.3,
 * §4.2.1.12).
 * @throws X509Error `purpose_mismatch`
 */
export function requirePurpose(certificate: ParsedCertificate, purpose: KeyPurpose): void {
  const { keyUsage, extendedKeyUsage } = certificate;
  const usages = USAGES_OF_PURPOSE[purpose];
  const isNamed = extendedKeyUsage?.includes(purpose) ?? !MUST_BE_NAMED.includes(purpose);
  if (isNamed && (keyUsage === undefined || usages.some((usage) => keyUsage.includes(usage)))) return;
  const found = isNamed
    ? `its key usage is ${keyUsage?.join(', ')}, but one of ${usages.join(', ')} is needed`
    : extendedKeyUsage === undefined
      ? 'it has no extended key usage'
      : `it is for ${extendedKeyUsage.join(', ').slice(0, 200)}`;
  throw new X509Error('purpose_mismatch', `${describe(certificate)} is not for ${purpose}; ${found}`);
}

/** `notAfter` is the last second in which a certificate is valid. */
const LAST_SECOND_MS = 1000;

/** Certificates without extended key usage are not for these purposes (RFC 6960 §4.2.2.2, RFC 3161 §2.3). */
const MUST_BE_NAMED: readonly KeyPurpose[] = ['OCSPSigning', 'timeStamping', 'codeSigning'];
