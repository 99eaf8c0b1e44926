// The status of certificates, for OCSP clients that ask again and again. Only good ones are cached, and a
// committed revocation clears the cache. So the answer to a request after a revocation is never older than
// the revocation.
import type { OcspStatus } from '@gatehouse/x509';
import type { Projection } from '../../platform/feed/feed.ts';
import { createProjectedCache } from '../../platform/feed/projected-cache.ts';
import type { OwnRecords } from '../certificates/own-records.ts';
import { isRevocation } from '../events.ts';
import type { RevocationRow } from '../store/rows.ts';
import type { CaStore } from '../store/store.ts';

export interface Statuses {
  /**
   * The status of a certificate, by its serial number and its authority; `unknown` for another authority.
   */
  standingOf(serialNumber: string, issuerId: string): Promise<CertificateStanding>;
  projection: Projection;
}

export interface CertificateStanding {
  status: OcspStatus;
  /** When the certificate expires, in milliseconds since the epoch; undefined if it is unknown. */
  notAfter?: number;
}

export const UNKNOWN: OcspStatus = { status: 'unknown' };
const GOOD: OcspStatus = { status: 'good' };
const GOOD_CACHED = 10_000;

export interface StatusesDeps {
  store: Pick<CaStore, 'revocation'>;
  /** Our own certificates that are in use before they are in the inventory. */
  ownRecords: Pick<OwnRecords, 'waiting'>;
}

export function createStatuses({ store, ownRecords }: StatusesDeps): Statuses {
  const cache = createProjectedCache<RevocationRow>({
    name: 'certificate statuses',
    limit: GOOD_CACHED,
    touches: (event) => (isRevocation(event) ? [event.subject] : []),
    load: (serialNumber) => store.revocation(serialNumber),
    isCacheable: ({ revokedAt }) => revokedAt === undefined,
  });
  return {
    projection: cache,
    async standingOf(serialNumber, issuerId) {
      const own = ownRecords.waiting(serialNumber);
      if (own?.issuerId === issuerId) return { status: GOOD, notAfter: own.certificate.notAfter.getTime() };
      const found = await cache.find(serialNumber);
      if (found?.issuerId !== issuerId) return { status: UNKNOWN };
      const { revokedAt, reason, notAfter } = found;
      if (revokedAt === undefined) return { status: GOOD, notAfter };
      return {
        status: { status: 'revoked', revokedAt: new Date(revokedAt), ...(reason && { reason }) },
        notAfter,
      };
    },
  };
}
