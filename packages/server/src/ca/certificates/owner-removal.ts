// Removing a user or service revokes its certificates in the same transaction. So the next owner of the name
// does not get them.
import type { Clock, Owner } from '@gatehouse/access';
import type { DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Tx } from '../../platform/store/database.ts';
import { revokedEvent } from '../events.ts';
import type { CaStore } from '../store/store.ts';

export interface OwnerRemovalDeps {
  store: CaStore;
  events: Events;
  clock: Clock;
}

const REASON = 'cessationOfOperation';
const KIND_OF_EVENT: ReadonlyMap<string, Owner['kind']> = new Map([
  ['identity.user_removed', 'user'],
  ['identity.service_removed', 'service'],
]);

/** The user or service that the event removes; undefined for other events. */
export function removedOwner({ type, subject }: DomainEvent): Owner | undefined {
  const kind = KIND_OF_EVENT.get(type);
  return kind && subject !== null ? { kind, name: subject } : undefined;
}

/** Revokes the certificates of an owner, in the transaction that removes the owner. */
export function revokeOfRemoved({ store, events, clock }: OwnerRemovalDeps): void {
  async function revokeOwned(tx: Tx, owner: Owner, event: DomainEvent): Promise<void> {
    const at = clock.now();
    for (const certificate of await store.ownedBy(tx, owner, at)) {
      await store.markRevoked(tx, certificate.serialNumber, { at, reason: REASON });
      const crlNumber = await store.nextCrlNumber(tx, certificate.issuerId, at);
      await events.publish(tx, revokedEvent(certificate, { reason: REASON, crlNumber }, event.actor));
    }
  }

  events.subscribe(async (tx, event) => {
    const owner = removedOwner(event);
    if (owner) await revokeOwned(tx, owner, event);
  });
}
