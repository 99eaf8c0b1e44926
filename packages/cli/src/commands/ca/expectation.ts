// The root that a user expects, as `ca fingerprint` printed it on another machine: a pin, the digits, the QR
// code's URI, or the certificate's SHA-256. Refuses a part of a digest, because another root could match it.
import type { ParsedCertificate } from '@gatehouse/x509';
import { usageError } from '../../exit-status.ts';
import { fingerprintOf } from './fingerprint-forms.ts';

/** Whether a root is the expected one. */
export type Expectation = (root: ParsedCertificate) => boolean;

/**
 * `sha256/…` (or curl's `sha256//…`) of the public key in base64, or `ni:///sha-256;…` (RFC 6920 §3). Throws
 * a usage error.
 */
export function parsePin(text: string): Expectation {
  const [, base64 = ''] = /^(?:sha256\/\/?|ni:\/\/\/sha-256;)([A-Za-z0-9+/_-]{43}=?)$/.exec(text) ?? [];
  const digest = Buffer.from(base64, 'base64url');
  if (digest.length !== DIGEST_OCTETS) {
    throw usageError("--pin should be sha256/ and 44 characters, as 'gatehouse ca fingerprint' prints it");
  }
  return (root) => fingerprintOf(root).spkiSha256 === digest.toString('hex');
}

/**
 * The 30 digits of the public key, or the SHA-256 of the certificate in hex, in groups of any form. Throws a
 * usage error.
 */
export function parseFingerprint(text: string): Expectation {
  const plain = text.replace(/^SHA-?256[ :=]/i, '').replaceAll(/[\s:.-]/g, '');
  if (/^\d{30}$/.test(plain)) return (root) => fingerprintOf(root).digits.replaceAll(' ', '') === plain;
  if (/^[0-9a-f]{64}$/i.test(plain)) {
    return (root) => fingerprintOf(root).sha256.replaceAll(':', '') === plain.toUpperCase();
  }
  throw usageError(
    "--fingerprint should be the 30 digits, or the certificate's SHA-256 of 64 hex digits, as 'gatehouse ca fingerprint' prints them",
  );
}

const DIGEST_OCTETS = 32;
