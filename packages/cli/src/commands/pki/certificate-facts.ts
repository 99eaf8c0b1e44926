// The facts that the pki commands print about a certificate, a request, a revocation list and a public key,
// in JSON form.
import { hash } from 'node:crypto';
import {
  extensionName,
  formatGeneralName,
  type ParsedCertificate,
  type ParsedRequest,
  type ParsedRevocationList,
  publicKeyType,
  signatureAlgorithmName,
  spkiFingerprint,
  verifyRequest,
  X509Error,
} from '@gatehouse/x509';

export type CertificateFacts = ReturnType<typeof certificateFacts>;

export function certificateFacts(certificate: ParsedCertificate) {
  const { nameConstraints } = certificate;
  return {
    kind: 'certificate' as const,
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    names: certificate.subjectAltNames.map(formatGeneralName),
    isCa: certificate.isCa,
    pathLength: certificate.pathLength ?? null,
    nameConstraints:
      nameConstraints === undefined
        ? null
        : {
            permitted: (nameConstraints.permitted ?? []).map(formatGeneralName),
            excluded: (nameConstraints.excluded ?? []).map(formatGeneralName),
          },
    keyUsage: certificate.keyUsage ?? null,
    extendedKeyUsage: certificate.extendedKeyUsage ?? null,
    crlUrls: certificate.cRLDistributionPoints ?? [],
    ocspUrls: certificate.authorityInfoAccess?.ocsp ?? [],
    issuerUrls: certificate.authorityInfoAccess?.caIssuers ?? [],
    key: publicKeyFacts(certificate.spki),
    signatureAlgorithm: signatureAlgorithmName(certificate.signatureAlgorithm),
    subjectKeyIdentifier: certificate.subjectKeyIdentifier ?? null,
    authorityKeyIdentifier: certificate.authorityKeyIdentifier ?? null,
    uninterpretedCritical: certificate.uninterpretedCritical,
    sha256: hash('sha256', certificate.der, 'hex'),
  };
}

export function requestFacts(request: ParsedRequest) {
  return {
    kind: 'request' as const,
    subject: request.subject.text,
    names: request.extensions.subjectAltNames.map(formatGeneralName),
    requestedExtensions: request.requestedExtensions.map(({ oid }) => extensionName(oid)),
    key: publicKeyFacts(request.spki),
    signatureAlgorithm: signatureAlgorithmName(request.signatureAlgorithm),
    ...signatureFacts(request),
  };
}

export function revocationListFacts(list: ParsedRevocationList) {
  return {
    kind: 'revocationList' as const,
    issuer: list.issuer.text,
    number: list.number === undefined ? null : String(list.number),
    thisUpdate: list.thisUpdate.toISOString(),
    nextUpdate: list.nextUpdate?.toISOString() ?? null,
    distributionPoint: list.distributionPoint ?? null,
    signatureAlgorithm: signatureAlgorithmName(list.signatureAlgorithm),
    uninterpretedCritical: list.uninterpretedCritical,
    revoked: [...list.revoked].map(([serialNumber, { revokedAt, reason }]) => ({
      serialNumber,
      revokedAt: revokedAt.toISOString(),
      reason,
    })),
  };
}

/** `type` is `unknown` for an unsupported kind of key. */
export function publicKeyFacts(spki: Uint8Array) {
  const { hex, pin } = spkiFingerprint({ spki });
  return { type: typeOf(spki), spkiSha256: hex, pin };
}

function typeOf(spki: Uint8Array): string {
  try {
    return publicKeyType(spki);
  } catch (error) {
    if (error instanceof X509Error) return 'unknown';
    throw error;
  }
}

/** `null` where the signature was not checked, because its key is too short or its algorithm is weak. */
function signatureFacts(request: ParsedRequest): { isSignedByItsKey: boolean | null; notChecked?: string } {
  try {
    verifyRequest(request);
    return { isSignedByItsKey: true };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    if (error.code === 'request_signature_invalid') return { isSignedByItsKey: false };
    return { isSignedByItsKey: null, notChecked: error.message };
  }
}

/** The holder of a certificate: its subject, or its names if it has no subject, as in server certificates. */
export function holderOf({ subject, subjectAltNames }: ParsedCertificate): string {
  return subject.text || subjectAltNames.map(formatGeneralName).join(', ');
}
