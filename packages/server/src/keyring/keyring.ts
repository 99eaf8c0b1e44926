// The life of signing keys: created, published, put in force, replaced, removed. Every step is a commit, so
// all parts that sign and verify follow it.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { JWK } from 'jose';
import type { Actor, Events } from '../platform/feed/events.ts';
import type { Projection } from '../platform/feed/feed.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { Connection, Database, Tx } from '../platform/store/database.ts';
import { isKeyringEvent, keyringEvent, SYSTEM } from './events.ts';
import type { SigningKey } from './signing-key.ts';
import { generateSigningKey, readSigningKey } from './signing-key.ts';
import type { SigningKeyRow } from './store.ts';
import { deleteKey, insertKey, readKeys, updateKey } from './store.ts';

/** The keys of one use. They change while the server runs. */
export interface SigningKeys {
  /** The key that signs now. */
  readonly current: SigningKey;
  /** All keys that sign, will sign, or have signatures that are still valid; `current` first. */
  readonly all: readonly SigningKey[];
  /** The public keys of all of these (RFC 7517 §5). */
  readonly keySet: { keys: JWK[] };
}

/** The first key of a use, and how long its old keys must verify. */
export interface KeyUse {
  /** Such as `access-token`. */
  name: string;
  /** The secret that is its first key. An older version may have stored it. */
  firstSecret: string;
  /** How long its signatures are valid. */
  lifetimeSeconds: number;
}

export interface Rotation {
  use: string;
  /**
   * Another person may have the key. So the new key signs at once, and signatures of the old keys are not
   * valid.
   */
  leaked: boolean;
  actor: Actor;
}

export interface Keyring {
  /** Declares a use, and creates its first key if there is none. */
  use(use: KeyUse): Promise<SigningKeys>;
  list(): readonly SigningKeyRow[];
  /** Throws `not_found` for an unknown use, and `conflict` if a new key is already published. */
  rotate(rotation: Rotation): Promise<void>;
  /** Does the steps that are due: puts published keys in force, and removes expired ones. */
  advance(): Promise<void>;
  readonly projection: Projection;
}

interface KeyringDeps {
  database: Database;
  keyStore: KeyStore;
  events: Events;
  clock: Clock;
}

/** Extra time for verifiers whose clocks are behind ours. */
const SKEW_SECONDS = 120;

export function createKeyring(deps: KeyringDeps, publishBeforeSeconds: number): Keyring {
  const { database, keyStore, events, clock } = deps;
  const uses = new Map<string, KeyUse>();
  let rows: readonly SigningKeyRow[] = [];
  const keys = new Map<string, SigningKey>();

  async function build(connection: Connection): Promise<void> {
    const found = await readKeys(connection);
    for (const { kid, secret } of found) {
      if (!keys.has(kid)) keys.set(kid, await readSigningKey(await opened(secret)));
    }
    for (const kid of [...keys.keys()]) if (!found.some((row) => row.kid === kid)) keys.delete(kid);
    rows = found;
  }

  async function opened(secret: string): Promise<Uint8Array> {
    const octets = await keyStore.load(secret);
    if (octets) return octets;
    throw new GatehouseError(
      'database_incomplete',
      `The signing key ${secret} is missing: restore a backup.`,
    );
  }

  function keyOf({ kid }: SigningKeyRow): SigningKey {
    const key = keys.get(kid);
    if (!key) throw new TypeError(`the key ${kid} is not loaded`);
    return key;
  }

  /** Reads its keys when they are needed, because they change. */
  function keysOf(use: string): SigningKeys {
    const ofUse = () => rows.filter((row) => row.use === use);
    return {
      get current() {
        const active = ofUse().find(({ state }) => state === 'active');
        if (!active) throw new TypeError(`no key is in force for ${use}`);
        return keyOf(active);
      },
      get all() {
        const current = this.current;
        return [
          current,
          ...ofUse()
            .map(keyOf)
            .filter((key) => key !== current),
        ];
      },
      get keySet() {
        return { keys: ofUse().map((row) => keyOf(row).jwk) };
      },
    };
  }

  async function createFirst({ name, firstSecret }: KeyUse): Promise<void> {
    const { kid } = await readSigningKey(await keyStore.loadOrCreate(firstSecret, generateSigningKey));
    await database.write(async (tx) => {
      if ((await readKeys(tx, name)).length > 0) return;
      const now = clock.now();
      const row = { kid, use: name, secret: firstSecret, created_at: now, signs_at: now, ends_at: null };
      await insertKey(tx, { ...row, state: 'active' });
      await events.publish(tx, keyringEvent('keyring.key_created', row, SYSTEM));
    });
  }

  async function remove(tx: Tx, row: SigningKeyRow, actor: Actor): Promise<void> {
    await deleteKey(tx, row.kid);
    await keyStore.remove(tx, row.secret);
    await events.publish(tx, keyringEvent('keyring.key_removed', row, actor));
  }

  async function putInForce(tx: Tx, next: SigningKeyRow, actor: Actor): Promise<void> {
    const { lifetimeSeconds = 0 } = uses.get(next.use) ?? {};
    const endsAt = clock.now() + (lifetimeSeconds + SKEW_SECONDS) * 1000;
    for (const { kid, state } of await readKeys(tx, next.use)) {
      if (state === 'active') await updateKey(tx, kid, { state: 'retiring', ends_at: endsAt });
    }
    await updateKey(tx, next.kid, { state: 'active' });
    await events.publish(tx, keyringEvent('keyring.key_put_in_force', next, actor));
  }

  function isDue({ state, signs_at, ends_at }: SigningKeyRow): boolean {
    const now = clock.now();
    return (state === 'next' && signs_at <= now) || (ends_at !== null && ends_at <= now);
  }

  return {
    projection: {
      name: 'signing keys',
      build,
      advance: (committed) => (committed.some(isKeyringEvent) ? build(database.read) : undefined),
    },
    list: () => rows,
    async use(use) {
      uses.set(use.name, use);
      if (!rows.some((row) => row.use === use.name)) await createFirst(use);
      return keysOf(use.name);
    },
    async rotate({ use, leaked, actor }) {
      if (!uses.has(use)) throw unknownUse(use, [...uses.keys()]);
      const secret = generateSigningKey();
      const { kid } = await readSigningKey(secret);
      const name = `keyring/${use}/${kid}`;
      const storeSecret = await keyStore.seal(name, secret);
      await database.write(async (tx) => {
        const before = await readKeys(tx, use);
        if (!leaked && before.some(({ state }) => state === 'next')) throw publishedAlready(use);
        const now = clock.now();
        const signsAt = leaked ? now : now + publishBeforeSeconds * 1000;
        const row = { kid, use, secret: name, created_at: now, signs_at: signsAt, ends_at: null };
        await storeSecret(tx);
        await insertKey(tx, { ...row, state: 'next' });
        await events.publish(tx, keyringEvent('keyring.key_created', row, actor));
        if (!leaked) return;
        for (const old of before) await remove(tx, old, actor);
        await putInForce(tx, { ...row, state: 'next' }, actor);
      });
    },
    async advance() {
      if (!rows.some(isDue)) return;
      await database.write(async (tx) => {
        for (const row of (await readKeys(tx)).filter(isDue)) {
          if (row.state === 'next') await putInForce(tx, row, SYSTEM);
          else await remove(tx, row, SYSTEM);
        }
      });
    },
  };
}

function unknownUse(use: string, known: readonly string[]): GatehouseError {
  return new GatehouseError(
    'not_found',
    `There is no signing key "${use}": give one of ${known.join(', ')}. 'gatehouse keyring rotate' also takes master-key.`,
  );
}

function publishedAlready(use: string): GatehouseError {
  return new GatehouseError(
    'conflict',
    `A new key for ${use} is already published and will sign soon: wait for it, or rotate with --leaked to replace all keys now.`,
  );
}
