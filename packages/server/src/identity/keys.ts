// API keys: creates, lists and revokes them, and records their use.
import type { Clock } from '@gatehouse/access';
import { GatehouseError, generateApiKey, hashSecret } from '@gatehouse/access';
import type { Database } from '../platform/database.ts';
import type { Actor, Events } from '../platform/events.ts';
import type { IdentityStore, StoredKey } from './store/store.ts';

export interface NewKey {
  name: string;
  roles: string[];
  expiresInSeconds?: number | undefined;
}

export interface Keys {
  list(): Promise<StoredKey[]>;
  /** The result holds the only copy of the key's text. Throws `conflict` when the name is taken. */
  create(key: NewKey, actor: Actor): Promise<StoredKey & { text: string }>;
  /** Throws `not_found`. */
  revoke(id: string, actor: Actor): Promise<void>;
  /** Records the first use of a key in a minute, once, even if several workers report it. */
  noteUse(use: KeyUse): Promise<void>;
}

export interface KeyUse {
  id: string;
  name: string;
  address: string;
  requestId: string;
}

const MINUTE_MS = 60_000;

export function createKeys(deps: {
  database: Database;
  store: IdentityStore;
  events: Events;
  clock: Clock;
}): Keys {
  const { database, store, events, clock } = deps;
  return {
    list: () => store.keys(database.read),
    async create({ name, roles, expiresInSeconds }, actor) {
      const { id, secret, text } = generateApiKey();
      const now = clock.now();
      const expiresAt = expiresInSeconds === undefined ? null : now + expiresInSeconds * 1000;
      const key: StoredKey = {
        id,
        name,
        roles,
        secretHash: hashSecret(secret),
        createdAt: now,
        expiresAt,
        lastUsedAt: null,
      };
      await database.write(async (tx) => {
        if (!(await store.claimName(tx, name))) {
          throw new GatehouseError(
            'conflict',
            `The name "${name}" is taken: revoke that key or choose another name.`,
          );
        }
        await store.insertKey(tx, key);
        const data = { id, roles, expiresAt };
        await events.publish(tx, {
          type: 'identity.key_created',
          actor,
          outcome: 'success',
          subject: name,
          data,
        });
      });
      return { ...key, text };
    },
    async revoke(id, actor) {
      await database.write(async (tx) => {
        const key = await store.deleteKey(tx, id);
        if (!key)
          throw new GatehouseError('not_found', `There is no API key ${id}: see 'gatehouse key list'.`);
        await store.releaseName(tx, key.name);
        const event = { actor, outcome: 'success', subject: key.name, data: { id } } as const;
        await events.publish(tx, { type: 'identity.key_revoked', ...event });
      });
    },
    async noteUse({ id, name, address, requestId }) {
      await database.write(async (tx) => {
        const now = clock.now();
        const key = await store.key(tx, id);
        if (!key || sameMinute(key.lastUsedAt, now)) return;
        await store.touchKey(tx, id, now);
        const actor: Actor = { kind: 'service', name, address };
        const event = { actor, outcome: 'success', subject: name, data: { id, requestId } } as const;
        await events.publish(tx, { type: 'identity.key_used', ...event });
      });
    },
  };
}

function sameMinute(earlier: number | null, later: number): boolean {
  return earlier !== null && Math.floor(earlier / MINUTE_MS) === Math.floor(later / MINUTE_MS);
}
