// Certificates as the admin API shows them: RFC 3339 times, and where they stand.
import { GatehouseError } from '../../platform/errors.ts';
import type { Certificate, CertificateQuery, CertificateStatus } from '../types.ts';

export type PresentedCertificate = ReturnType<typeof presentCertificate>;

export function presentCertificate(certificate: Certificate, now: number) {
  const { owner, revokedAt } = certificate;
  return {
    serial: certificate.serialNumber,
    profile: certificate.profile,
    names: certificate.names,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    issuedAt: new Date(certificate.issuedAt).toISOString(),
    owner: owner ? { kind: owner.kind, name: owner.name } : null,
    source: certificate.source,
    status: statusOf(certificate, now),
    revokedAt: revokedAt === undefined ? null : new Date(revokedAt).toISOString(),
    reason: certificate.reason ?? null,
    certificate: certificate.pem,
    chain: certificate.chain,
  };
}

export function withoutTexts({ certificate: _, chain: __, ...entry }: PresentedCertificate) {
  return entry;
}

/** Where the next page begins. */
export function encodeCursor({ issuedAt, serialNumber }: Certificate): string {
  return `${issuedAt}-${serialNumber}`;
}

/** Throws `unprocessable`. */
export function decodeCursor(text: string | undefined): CertificateQuery['after'] {
  if (text === undefined) return undefined;
  const [, issuedAt, serialNumber] = /^(\d{1,16})-([0-9a-f]{1,64})$/.exec(text) ?? [];
  if (issuedAt === undefined || serialNumber === undefined) {
    throw new GatehouseError('unprocessable', 'after: not where a page of this list ends.');
  }
  return [Number(issuedAt), serialNumber];
}

function statusOf({ revokedAt, notAfter }: Certificate, now: number): CertificateStatus {
  if (revokedAt !== undefined) return 'revoked';
  return notAfter.getTime() <= now ? 'expired' : 'valid';
}
