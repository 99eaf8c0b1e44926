// Whoever is removed takes their certificates along: these are revoked in the same transaction, so that whoever gets the name
// later does not get what they had. The lists follow as soon as the act is on disk.
import type { Clock } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database.ts';
import type { DomainEvent, Events } from '../../platform/events.ts';
import type { Owner } from '../../platform/principal.ts';
import { revokedEvent } from '../events.ts';
import type { CaStore } from '../store/store.ts';

export interface OwnerRemovalDeps {
  store: CaStore;
  events: Events;
  clock: Clock;
}

/** Revocations that the lists may not have yet: an act is heard of before it is on disk, and may be undone. */
export interface Removals {
  outstanding(): readonly string[];
  /** Forgets those that are on the lists now, and those that will never be. */
  settle(isRevoked: (serialNumber: string) => boolean): void;
}

// Far longer than any act takes to be on disk.
const GIVEN_UP_AFTER_MS = 60_000;

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

export function followRemovals({ store, events, clock }: OwnerRemovalDeps): Removals {
  /** When each was heard of, by serial number. */
  const heard = new Map<string, number>();

  async function revokeOwned(tx: Tx, owner: Owner, event: DomainEvent): Promise<void> {
    const at = clock.now();
    for (const certificate of await store.ownedBy(tx, owner, at)) {
      await store.markRevoked(tx, certificate.serialNumber, { at, reason: REASON });
      const crlNumber = await store.nextCrlNumber(tx, certificate.issuerId, at);
      await events.publish(tx, revokedEvent(certificate, { reason: REASON, crlNumber }, event.actor));
      heard.set(certificate.serialNumber, at);
    }
  }

  events.subscribe(async (tx, event) => {
    const owner = removedOwner(event);
    if (owner) await revokeOwned(tx, owner, event);
  });

  return {
    outstanding: () => [...heard.keys()],
    settle(isRevoked) {
      const now = clock.now();
      for (const [serialNumber, at] of heard) {
        if (isRevoked(serialNumber) || now - at > GIVEN_UP_AFTER_MS) heard.delete(serialNumber);
      }
    },
  };
}
