// Keys of services: API keys, and public keys that sign requests. Creates, lists, rotates and revokes them,
// and records their use. A service may have several, so that you can replace a key while both work.
import type { Clock } from '@gatehouse/access';
import { GatehouseError, generateApiKey, hashSecret } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { Registry } from '../services/services.ts';
import type { IdentityStore, PublicKey, StoredKey } from '../store/store.ts';
import { algorithmOf, thumbprintOf } from './public-key.ts';

export interface NewKey {
  /** The name of the service that the key belongs to. */
  name: string;
  /** The roles of the service, if it is new. */
  roles?: string[] | undefined;
  scopes?: string[] | undefined;
  /** Networks in CIDR notation. */
  addresses?: string[] | undefined;
  expiresInSeconds?: number | undefined;
  /** The same as milliseconds since 1970. Default: it does not expire. */
  expiresAt?: number | undefined;
}

/** A public key that signs requests. */
export interface NewPublicKey extends NewKey {
  publicKey: PublicKey;
}

/** A key with its text, which is not stored. */
export type CreatedKey = StoredKey & { text: string };

export interface Keys {
  list(options: { revoked: boolean }): Promise<StoredKey[]>;
  /** Also a revoked one. Throws `not_found`. */
  show(id: string): Promise<StoredKey>;
  /** Registers the service if it does not exist. Throws `conflict` like `Registry.service`. */
  create(key: NewKey, actor: Actor): Promise<CreatedKey>;
  /**
   * Registers a public key of the service. A new service is registered, too. Throws `conflict` like
   * `Registry.service`, and if the public key is already registered.
   */
  addPublic(key: NewPublicKey, actor: Actor): Promise<StoredKey>;
  /**
   * Creates a key like the given one for the same service, and lets the given one end after `overlapSeconds`.
   * Throws `not_found`, and `conflict` for a key that has expired or is disabled, and for a public key.
   */
  rotate(id: string, overlapSeconds: number, actor: Actor): Promise<{ made: CreatedKey; endsAt: number }>;
  /** Changes what is given. In force at every worker before it resolves. Throws `not_found`. */
  change(id: string, limits: KeyChange, actor: Actor): Promise<StoredKey>;
  /** A disabled key is refused. Throws `not_found`. */
  setDisabled(id: string, disabled: boolean, actor: Actor): Promise<StoredKey>;
  /** Throws `not_found`. */
  revoke(id: string, actor: Actor): Promise<void>;
  /** Records the first use of a key in a minute, once, even if several workers report it. */
  noteUse(use: KeyUse): Promise<void>;
}

export interface KeyChange extends Pick<NewKey, 'scopes' | 'addresses'> {
  /** null: it does not expire. */
  expiresAt?: number | null | undefined;
}

export interface KeyUse {
  id: string;
  name: string;
  address: string;
  requestId: string;
}

const MINUTE_MS = 60_000;
const FRESH = { revokedAt: null, disabled: false };

export function createKeys(deps: {
  database: Database;
  store: IdentityStore;
  events: Events;
  clock: Clock;
  services: Registry;
}): Keys {
  const { database, store, events, clock, services } = deps;

  async function insert(
    tx: Tx,
    key: Omit<StoredKey, 'id' | 'secretHash'>,
    actor: Actor,
  ): Promise<CreatedKey> {
    const { id, secret, text } = generateApiKey();
    const stored = { id, ...key, secretHash: hashSecret(secret) };
    await store.insertKey(tx, stored);
    await publishCreated(tx, stored, actor);
    return { ...stored, text };
  }

  function publishCreated(tx: Tx, key: StoredKey, actor: Actor): Promise<void> {
    const { id, roles, scopes, addresses, expiresAt, publicKey } = key;
    const limits = { ...(scopes.length > 0 && { scopes }), ...(addresses.length > 0 && { addresses }) };
    const signs = publicKey && { algorithm: algorithmOf(publicKey), thumbprint: thumbprintOf(publicKey) };
    const data = { id, roles, ...limits, ...signs, expiresAt };
    const event = { actor, outcome: 'success', subject: key.name, data } as const;
    return events.publish(tx, { type: 'identity.key_created', ...event });
  }

  /** A public key has only one owner, so that a signature has one meaning. */
  async function requireNewKey(tx: Tx, publicKey: PublicKey): Promise<void> {
    const found = await store.keyWithPublicKey(tx, publicKey);
    if (!found) return;
    throw new GatehouseError(
      'conflict',
      `This public key is already registered as the key ${found.id} of "${found.name}": create another key pair, or revoke that key.`,
    );
  }

  /** `fact`: the name of the event. */
  function alter(
    id: string,
    { fact, change, data = {} }: { fact: string; change: Partial<StoredKey>; data?: DomainEvent['data'] },
    actor: Actor,
  ): Promise<StoredKey> {
    return database.write(async (tx) => {
      const before = await store.key(tx, id);
      if (!before || before.revokedAt !== null) throw unknownKey(id);
      const key = { ...before, ...change };
      await store.putKeyState(tx, key);
      const event = { actor, outcome: 'success', subject: key.name, data: { id, ...data } } as const;
      await events.publish(tx, { type: `identity.${fact}`, ...event });
      return key;
    });
  }

  return {
    async show(id) {
      const key = await store.key(database.read, id);
      if (!key) throw unknownKey(id);
      return key;
    },
    change(id, limits, actor) {
      const given = Object.entries(limits).filter(([, value]) => value !== undefined);
      const change = Object.fromEntries(given) as Partial<StoredKey>;
      return alter(id, { fact: 'key_changed', change, data: change as DomainEvent['data'] }, actor);
    },
    setDisabled: (id, disabled, actor) =>
      alter(id, { fact: disabled ? 'key_disabled' : 'key_enabled', change: { disabled } }, actor),
    async list({ revoked }) {
      const keys = await store.keys(database.read);
      return revoked ? keys : keys.filter(({ revokedAt }) => revokedAt === null);
    },
    create({ name, roles, scopes = [], addresses = [], ...end }, actor) {
      return database.write(async (tx) => {
        const service = await services.service(tx, { name, roles }, actor);
        const createdAt = clock.now();
        const expiresAt = endOf(end, createdAt);
        const state = { createdAt, expiresAt, lastUsedAt: null, publicKey: null, ...FRESH };
        return insert(tx, { name, roles: service.roles, scopes, addresses, ...state }, actor);
      });
    },
    addPublic({ name, roles, scopes = [], addresses = [], publicKey, ...end }, actor) {
      return database.write(async (tx) => {
        await requireNewKey(tx, publicKey);
        const service = await services.service(tx, { name, roles }, actor);
        const createdAt = clock.now();
        const state = { createdAt, expiresAt: endOf(end, createdAt), lastUsedAt: null, ...FRESH };
        const { id } = generateApiKey();
        const of = { name, roles: service.roles, scopes, addresses };
        const key: StoredKey = { id, ...of, secretHash: '', publicKey, ...state };
        await store.insertKey(tx, key);
        await publishCreated(tx, key, actor);
        return key;
      });
    },
    rotate(id, overlapSeconds, actor) {
      return database.write(async (tx) => {
        const old = await store.key(tx, id);
        if (!old || old.revokedAt !== null) throw unknownKey(id);
        if (old.publicKey) throw publicKeyNotRotated(old);
        if (old.disabled) throw disabledKey(old);
        const now = clock.now();
        if (old.expiresAt !== null && old.expiresAt <= now) throw expiredKey(old);
        const { id: _, secretHash: _hash, ...same } = old;
        const expiresAt = old.expiresAt === null ? null : now + (old.expiresAt - old.createdAt);
        const made = await insert(tx, { ...same, createdAt: now, expiresAt, lastUsedAt: null }, actor);
        const endsAt = Math.min(old.expiresAt ?? Number.POSITIVE_INFINITY, now + overlapSeconds * 1000);
        await store.endKey(tx, id, endsAt);
        const data = { id, replacedBy: made.id, expiresAt: endsAt };
        const event = { actor, outcome: 'success', subject: old.name, data } as const;
        await events.publish(tx, { type: 'identity.key_rotated', ...event });
        return { made, endsAt };
      });
    },
    async revoke(id, actor) {
      await database.write(async (tx) => {
        const key = await store.revokeKey(tx, id, clock.now());
        if (!key) throw unknownKey(id);
        const event = { actor, outcome: 'success', subject: key.name, data: { id } } as const;
        await events.publish(tx, { type: 'identity.key_revoked', ...event });
      });
    },
    async noteUse({ id, name, address, requestId }) {
      await database.write(async (tx) => {
        const now = clock.now();
        const key = await store.key(tx, id);
        if (!key || key.revokedAt !== null || sameMinute(key.lastUsedAt, now)) return;
        await store.touchKey(tx, id, now);
        const actor: Actor = { kind: 'service', name, address };
        const event = { actor, outcome: 'success', subject: name, data: { id, requestId } } as const;
        await events.publish(tx, { type: 'identity.key_used', ...event });
      });
    },
  };
}

function endOf({ expiresInSeconds, expiresAt }: Omit<NewKey, 'name'>, createdAt: number): number | null {
  return expiresAt ?? (expiresInSeconds === undefined ? null : createdAt + expiresInSeconds * 1000);
}

function unknownKey(id: string): GatehouseError {
  return new GatehouseError('not_found', `There is no API key ${id}: see 'gatehouse key list'.`);
}

function publicKeyNotRotated({ id, name }: StoredKey): GatehouseError {
  return new GatehouseError(
    'conflict',
    `The key ${id} is a public key, and the server does not have its private key: add a new one with 'gatehouse key add ${name}', then revoke this one.`,
  );
}

function disabledKey({ id }: StoredKey): GatehouseError {
  return new GatehouseError(
    'conflict',
    `The API key ${id} is disabled: enable it first with 'gatehouse key enable ${id}'.`,
  );
}

function expiredKey({ id, name }: StoredKey): GatehouseError {
  return new GatehouseError(
    'conflict',
    `The API key ${id} has expired: create a new one with 'gatehouse key create ${name}'.`,
  );
}

function sameMinute(earlier: number | null, later: number): boolean {
  return earlier !== null && Math.floor(earlier / MINUTE_MS) === Math.floor(later / MINUTE_MS);
}
