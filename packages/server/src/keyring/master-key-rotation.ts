// Replaces the master key, and records it in the ledger.

import type { Actor, Events } from '../platform/feed/events.ts';
import type { KeyStore, RotatedMasterKey } from '../platform/keys/key-store.ts';
import type { Database } from '../platform/store/database.ts';
import { keyringEvent } from './events.ts';

export interface MasterKeyRotation {
  /** Throws `conflict` if the key is in the operator's own file and that file has no new key. */
  rotate(actor: Actor): Promise<RotatedMasterKey>;
}

export function createMasterKeyRotation({
  database,
  events,
  keyStore,
}: {
  database: Database;
  events: Events;
  keyStore: Pick<KeyStore, 'rotate'>;
}): MasterKeyRotation {
  return {
    async rotate(actor) {
      const rotated = await keyStore.rotate();
      const event = keyringEvent(
        'keyring.master_key_replaced',
        { use: 'master-key', kid: rotated.id },
        actor,
      );
      await database.write((tx) => events.publish(tx, event));
      return rotated;
    },
  };
}
