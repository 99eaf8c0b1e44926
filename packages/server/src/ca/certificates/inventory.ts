// Records every signed certificate in the inventory and in the ledger, in one act.
import type { Clock } from '@gatehouse/access';
import type { IssuedCertificate } from '@gatehouse/x509';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Tx } from '../../platform/store/database.ts';
import { issuedEvent, SYSTEM } from '../events.ts';
import type { CaStore } from '../store/store.ts';

export interface InventoryDeps {
  store: CaStore;
  events: Events;
  clock: Clock;
}

export interface OwnCertificate {
  certificate: Pick<IssuedCertificate, 'serialNumber' | 'pem' | 'notBefore' | 'notAfter'>;
  profile: 'root' | 'intermediate' | 'ocsp' | 'server' | 'channel';
  names?: string[];
  issuerId: string;
  actor?: Actor;
}

/** Records one of our own certificates. The server renews it, so its expiry needs no warning. */
export async function recordOwn(tx: Tx, deps: InventoryDeps, own: OwnCertificate): Promise<void> {
  const { certificate, profile, names = [], issuerId, actor = SYSTEM } = own;
  const { serialNumber, pem, notBefore, notAfter } = certificate;
  await deps.store.insertCertificate(tx, {
    serialNumber,
    profile,
    names,
    notBefore: notBefore.getTime(),
    notAfter: notAfter.getTime(),
    issuedAt: deps.clock.now(),
    pem,
    issuerId,
    owner: undefined,
    source: 'system',
    revokedAt: undefined,
    reason: undefined,
    warnAt: null,
  });
  await deps.events.publish(tx, issuedEvent({ serialNumber, profile, names, notAfter }, actor));
}
