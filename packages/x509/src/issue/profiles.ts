// Profiles for the certificates of a small PKI (RFC 5280 §4.2): root, intermediate, server, client, OCSP responder.
import type { CertificateProfile } from './certificate-template.ts';

/** Where relying parties find the status and the issuer of a certificate. */
export type Publication = Pick<CertificateProfile, 'authorityInfoAccess' | 'cRLDistributionPoints'>;

/** A root: it signs authorities and its own list of the revoked. */
export function rootProfile(): CertificateProfile {
  return { basicConstraints: { isCa: true }, keyUsage: ['keyCertSign', 'cRLSign'] };
}

/** An authority that signs end entities and no further authority. */
export function intermediateProfile(publication: Publication = {}): CertificateProfile {
  return {
    basicConstraints: { isCa: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...publication,
  };
}

/** A TLS server. */
export function serverProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['serverAuth'], ...publication };
}

/** A TLS client. */
export function clientProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'], ...publication };
}

/** A program that is both a TLS server and a TLS client. */
export function serverClientProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['serverAuth', 'clientAuth'], ...publication };
}

/** Who answers OCSP requests in the issuer's place. Nobody asks for its own status, so it should live briefly (RFC 6960 §4.2.2.2). */
export function ocspResponderProfile(): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['OCSPSigning'], ocspNoCheck: true };
}
