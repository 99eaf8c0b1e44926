// Whoever is removed takes their certificates along: these are revoked in the same transaction, so that whoever gets the name
// later does not get what they had. The lists follow as soon as the act is on disk.
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import type { DomainEvent, Events } from '../platform/events.ts';
import type { Owner } from '../platform/principal.ts';
import { revokedEvent } from './events.ts';
import type { CaStore } from './store.ts';

export interface OwnerRemovalDeps {
  store: CaStore;
  events: Events;
  clock: Clock;
}

/** Whether somebody was removed since the last call. */
export type RemovalsSeen = () => boolean;

const REASON = 'cessationOfOperation';
const KIND_OF_EVENT: ReadonlyMap<string, Owner['kind']> = new Map([
  ['identity.user_removed', 'user'],
  ['identity.service_removed', 'service'],
]);

/** Who was removed, where the event says that somebody was. */
export function removedOwner({ type, subject }: DomainEvent): Owner | undefined {
  const kind = KIND_OF_EVENT.get(type);
  return kind && subject !== null ? { kind, name: subject } : undefined;
}

export function followRemovals({ store, events, clock }: OwnerRemovalDeps): RemovalsSeen {
  let seen = false;

  async function revokeOwned(tx: Tx, owner: Owner, event: DomainEvent): Promise<void> {
    const at = clock.now();
    for (const certificate of await store.ownedBy(tx, owner, at)) {
      await store.markRevoked(tx, certificate.serialNumber, { at, reason: REASON });
      const crlNumber = await store.nextCrlNumber(tx, certificate.issuerId);
      await events.publish(tx, revokedEvent(certificate, { reason: REASON, crlNumber }, event.actor));
      // Even where the act is undone after all: then there is nothing new to be found.
      seen = true;
    }
  }

  events.subscribe(async (tx, event) => {
    const owner = removedOwner(event);
    if (owner) await revokeOwned(tx, owner, event);
  });

  return () => {
    const was = seen;
    seen = false;
    return was;
  };
}
