// Certificates as the admin API shows them: RFC 3339 times, and whether they are still valid.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { timestamp, toTimestamp, warnings } from '../../platform/http/schemas.ts';
import type { Certificate, CertificateQuery, CertificateStatus } from '../types.ts';

export const certificateEntrySchema = z
  .object({
    serial: z.string().describe('Lower-case hex'),
    profile: z.string(),
    names: z.array(z.string()),
    notBefore: timestamp,
    notAfter: timestamp,
    issuedAt: timestamp,
    owner: z
      .object({ kind: z.enum(['user', 'service']), name: z.string() })
      .nullable()
      .describe('The owner of a client certificate'),
    source: z
      .enum(['admin', 'acme', 'system', 'recovered'])
      .describe("`system`: the server's own; `recovered`: added to the inventory when it was revoked"),
    status: z.enum(['valid', 'expired', 'revoked']),
    revokedAt: timestamp.nullable(),
    reason: z.string().nullable().describe('Why it was revoked (RFC 5280 §5.3.1)'),
  })
  .meta({ id: 'CertificateEntry' });

/** A certificate in a list. */
export type CertificateEntry = z.output<typeof certificateEntrySchema>;

export const certificateSchema = certificateEntrySchema
  .extend({
    certificate: z.string().describe('PEM, only the certificate'),
    chain: z.string().describe('PEM, the certificate and the intermediates'),
  })
  .meta({ id: 'Certificate' });

export const issuedCertificateSchema = certificateSchema
  .extend({ warnings })
  .meta({ id: 'IssuedCertificate' });

/** An issued certificate, perhaps with the roles of its owner. */
export type IssuedCertificate = z.output<typeof issuedCertificateSchema>;

/** A certificate with its PEM. */
export type PresentedCertificate = z.output<typeof certificateSchema>;

export function presentCertificate(certificate: Certificate, now: number): PresentedCertificate {
  return { ...presentEntry(certificate, now), certificate: certificate.pem, chain: certificate.chain };
}

export function presentEntry(certificate: Certificate, now: number): CertificateEntry {
  const { owner, revokedAt } = certificate;
  return {
    serial: certificate.serialNumber,
    profile: certificate.profile,
    names: certificate.names,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    issuedAt: toTimestamp(certificate.issuedAt),
    owner: owner ? { kind: owner.kind, name: owner.name } : null,
    source: certificate.source,
    status: certificateStatus(certificate, now),
    revokedAt: revokedAt === undefined ? null : toTimestamp(revokedAt),
    reason: certificate.reason ?? null,
  };
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
    throw new GatehouseError('unprocessable', 'after: must be the value of "next" in an earlier answer.');
  }
  return [Number(issuedAt), serialNumber];
}

function certificateStatus({ revokedAt, notAfter }: Certificate, now: number): CertificateStatus {
  if (revokedAt !== undefined) return 'revoked';
  return notAfter.getTime() <= now ? 'expired' : 'valid';
}
