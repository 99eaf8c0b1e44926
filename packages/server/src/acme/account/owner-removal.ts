// Removing a user or service deactivates their accounts, and removes the keys that bind accounts, in the same
// transaction. So the next owner of the same name does not get them.
import type { Owner } from '@gatehouse/access';
import { removedOwner } from '../../ca/index.ts';
import type { DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Tx } from '../../platform/store/database.ts';
import { acmeEvent } from '../events.ts';
import type { AcmeStore } from '../store/store.ts';
import type { ExternalAccounts } from './external-account.ts';

export interface OwnerRemovalDeps {
  store: AcmeStore;
  externalAccounts: Pick<ExternalAccounts, 'removeOf'>;
  events: Events;
}

export function followRemovals({ store, externalAccounts, events }: OwnerRemovalDeps): void {
  async function deactivateOwned(tx: Tx, owner: Owner, { actor }: DomainEvent): Promise<void> {
    const status = 'deactivated';
    for (const account of await store.accountsOwnedBy(tx, owner)) {
      await store.updateAccount(tx, account, { status });
      const data = { status, owner: { ...owner } };
      await events.publish(tx, acmeEvent('account_deactivated', actor, account.id, data));
    }
  }

  events.subscribe(async (tx, event) => {
    const owner = removedOwner(event);
    if (!owner) return;
    await deactivateOwned(tx, owner, event);
    await externalAccounts.removeOf(tx, owner, event.actor);
  });
}
