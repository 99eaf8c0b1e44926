// How certificates stand, for those who ask again and again. Only good certificates are cached, and only until an act begins to revoke
// them: an answer that is given after a revocation is never older than it.
import type { OcspStatus } from '@gatehouse/x509';
import type { Events } from '../../platform/events.ts';
import { isRevocation } from '../events.ts';
import type { CaStore } from '../store/store.ts';

export interface StatusesDeps {
  store: Pick<CaStore, 'revocation'>;
  events: Events;
}

export interface CertificateStanding {
  status: OcspStatus;
  /** When the certificate ends, in milliseconds since the epoch; undefined where it is unknown. */
  notAfter?: number;
}

/** How a certificate stands, by its serial number and the authority that is asked; another's is `unknown`. */
export type StandingOf = (serialNumber: string, issuerId: string) => Promise<CertificateStanding>;

export const UNKNOWN: OcspStatus = { status: 'unknown' };
const GOOD: OcspStatus = { status: 'good' };
const GOOD_CACHED = 10_000;

export function createStatuses({ store, events }: StatusesDeps): StandingOf {
  /** The good ones: which authority signed them, and when they end. */
  const good = new Map<string, { issuerId: string; notAfter: number }>();
  // The event comes within the transaction. A look-up before its commit finds the certificate good still, and must not cache that.
  const revoking = new Set<string>();
  events.subscribe(async (_tx, event) => {
    if (!isRevocation(event)) return;
    revoking.add(event.subject);
    good.delete(event.subject);
  });

  function cache(serialNumber: string, issuerId: string, notAfter: number): void {
    if (revoking.has(serialNumber)) return;
    if (good.size >= GOOD_CACHED) good.clear();
    good.set(serialNumber, { issuerId, notAfter });
  }

  return async (serialNumber, issuerId) => {
    const cached = good.get(serialNumber);
    if (cached?.issuerId === issuerId) return { status: GOOD, notAfter: cached.notAfter };
    const found = await store.revocation(serialNumber);
    if (found?.issuerId !== issuerId) return { status: UNKNOWN };
    const { revokedAt, reason, notAfter } = found;
    if (revokedAt !== undefined) {
      return {
        status: { status: 'revoked', revokedAt: new Date(revokedAt), ...(reason && { reason }) },
        notAfter,
      };
    }
    cache(serialNumber, issuerId, notAfter);
    return { status: GOOD, notAfter };
  };
}
