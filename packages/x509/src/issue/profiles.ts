// Profiles for the certificates of a small PKI (RFC 5280 §4.2): root, intermediate, server, client and OCSP
// responder.
import type { CertificateProfile } from './certificate-template.ts';

/** The URLs for the status and the issuer of a certificate. */
export type Publication = Pick<CertificateProfile, 'authorityInfoAccess' | 'cRLDistributionPoints'>;

/**
 * A root, which signs authorities and its own revocation list.
 * @example
 * const template = { profile: rootProfile(), subject: { commonName: 'Root' }, notBefore, notAfter };
 * const root = selfSignCertificate(template, { signer: signerFromKey(key), randomBytes });
 */
export function rootProfile(): CertificateProfile {
  return { basicConstraints: { isCa: true }, keyUsage: ['keyCertSign', 'cRLSign'] };
}

/**
 * An authority that signs certificates of servers and clients, and no other authority.
 * @example
 * const profile = intermediateProfile({ cRLDistributionPoints: ['http://pki.example/root.crl'] });
 */
export function intermediateProfile(publication: Publication = {}): CertificateProfile {
  return {
    basicConstraints: { isCa: true, pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...publication,
  };
}

/**
 * A TLS server.
 * @example
 * const profile = serverProfile({ authorityInfoAccess: { ocsp: ['http://pki.example/ocsp'] } });
 */
export function serverProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['serverAuth'], ...publication };
}

/**
 * A TLS client.
 * @example
 * const profile = clientProfile();
 */
export function clientProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['clientAuth'], ...publication };
}

/**
 * A program that is both a TLS server and a TLS client.
 * @example
 * const profile = serverClientProfile();
 */
export function serverClientProfile(publication: Publication = {}): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['serverAuth', 'clientAuth'], ...publication };
}

/**
 * An OCSP responder that answers for its issuer. Clients do not check whether it is revoked, so let it expire
 * soon (RFC 6960 §4.2.2.2.1).
 * @example
 * const profile = ocspResponderProfile();
 * const delegate = issuer.issue({ profile, subject, publicKey, notBefore, notAfter });
 */
export function ocspResponderProfile(): CertificateProfile {
  return { keyUsage: ['digitalSignature'], extendedKeyUsage: ['OCSPSigning'], ocspNoCheck: true };
}
