// The URLs of roots, revocation lists and the OCSP responder. They are on the plain HTTP listener, because
// HTTPS would need the same certificates that a client wants to check (RFC 5280 §8). The URLs are in the
// certificates.
import type { Publication } from '@gatehouse/x509';

export const PUBLIC_PATH = {
  roots: '/roots.pem',
  crl: '/crl',
  certificate: '/ca',
  ocsp: '/ocsp',
} as const;

export interface PublicationUrls {
  /** The extensions of a certificate that the authority `issuerId` signs. */
  of(issuerId: string, options?: { ocsp: boolean }): Publication;
  crl(issuerId: string): string;
  roots: string;
  ocsp: string;
}

/** `origin` is the public URL of the PKI listener, without a slash at the end. */
export function createPublicationUrls(origin: string): PublicationUrls {
  const crl = (issuerId: string) => `${origin}${PUBLIC_PATH.crl}/${issuerId}.crl`;
  const ocspUrl = `${origin}${PUBLIC_PATH.ocsp}`;
  return {
    of: (issuerId, { ocsp } = { ocsp: true }) => ({
      cRLDistributionPoints: [crl(issuerId)],
      authorityInfoAccess: {
        ...(ocsp && { ocsp: [ocspUrl] }),
        caIssuers: [`${origin}${PUBLIC_PATH.certificate}/${issuerId}.cer`],
      },
    }),
    crl,
    roots: `${origin}${PUBLIC_PATH.roots}`,
    ocsp: ocspUrl,
  };
}
