// How certificates stand, for those who ask again and again. Only that one is good is kept, and no longer than until somebody
// begins to revoke it: an answer that is given after a revocation is never older than it.
import type { OcspStatus } from '@gatehouse/x509';
import type { Events } from '../../platform/events.ts';
import { isRevocation } from '../events.ts';
import type { CaStore } from '../store/store.ts';

export interface StatusesDeps {
  store: Pick<CaStore, 'revocation'>;
  events: Events;
}

/** The status of a certificate by its serial number and the authority that is asked; of another's, `unknown`. */
export type StatusOf = (serialNumber: string, issuerId: string) => Promise<OcspStatus>;

const GOOD_KEPT = 10_000;

export function createStatuses({ store, events }: StatusesDeps): StatusOf {
  /** Which authority signed those that are good. */
  const good = new Map<string, string>();
  // The event comes within the transaction. Whoever looks before its commit finds the certificate good still, and must not keep that.
  const revoking = new Set<string>();
  events.subscribe(async (_tx, event) => {
    if (!isRevocation(event)) return;
    revoking.add(event.subject);
    good.delete(event.subject);
  });

  function keep(serialNumber: string, issuerId: string): void {
    if (revoking.has(serialNumber)) return;
    if (good.size >= GOOD_KEPT) good.clear();
    good.set(serialNumber, issuerId);
  }

  return async (serialNumber, issuerId) => {
    if (good.get(serialNumber) === issuerId) return { status: 'good' };
    const found = await store.revocation(serialNumber);
    if (found?.issuerId !== issuerId) return { status: 'unknown' };
    const { revokedAt, reason } = found;
    if (revokedAt !== undefined) {
      return { status: 'revoked', revokedAt: new Date(revokedAt), ...(reason && { reason }) };
    }
    keep(serialNumber, issuerId);
    return { status: 'good' };
  };
}
