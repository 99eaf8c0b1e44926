// Applies changes of identity in the same transaction. A user who is removed or disabled, or gets another
// password, loses all codes, refresh tokens and grants. A removed service loses its clients.

import type { Actor, Events } from '../platform/feed/events.ts';
import type { Tx } from '../platform/store/database.ts';
import { oauthEvent } from './events.ts';
import { VOIDS_TOKENS } from './provider/back-channel.ts';
import type { OauthStore } from './store/store.ts';

export interface IdentityChangesDeps {
  store: OauthStore;
  events: Events;
}

export function followIdentity({ store, events }: IdentityChangesDeps): void {
  async function removeClientsOf(tx: Tx, service: string, actor: Actor): Promise<void> {
    for (const { id, name } of await store.clientsOf(tx, service)) {
      await store.deleteClient(tx, id);
      await events.publish(tx, oauthEvent('client_removed', actor, id, { name }));
    }
  }

  events.subscribe(async (tx, { type, subject, actor }) => {
    if (subject === null) return;
    if (VOIDS_TOKENS.test(type)) await store.deleteOfAccount(tx, subject);
    if (type === 'identity.user_removed') await store.deleteConsentsOf(tx, subject);
    if (type === 'identity.service_removed') await removeClientsOf(tx, subject, actor);
  });
}
