// The life of the keys that open sealed requests: created, offered, replaced, removed. A removed key opens no
// more requests, also for an attacker who has recorded them (forward secrecy).
import type { Clock, SealingKey } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Events } from '../platform/feed/events.ts';
import type { Projection } from '../platform/feed/feed.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { Connection, Database } from '../platform/store/database.ts';
import { isSealingEvent, sealingEvent } from './events.ts';
import { generateSecret, keysIn } from './generation.ts';
import type { GenerationRow } from './store.ts';
import { deleteGeneration, insertGeneration, readGenerations } from './store.ts';

export interface Generation {
  epoch: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  endsAt: number;
  keys: readonly SealingKey[];
}

export interface SealingKeys {
  /** All keys that open requests. The offered one is first. */
  generations(): readonly Generation[];
  /** Does the steps that are due: begins a new generation, and removes expired ones. */
  advance(): Promise<void>;
  /** Begins a new generation, and removes all others. */
  replaceAll(): Promise<void>;
  readonly projection: Projection;
}

export interface SealingKeysDeps {
  database: Database;
  keyStore: KeyStore;
  events: Events;
  clock: Clock;
}

/** If the clock is set back by more than this, keys that begin in the future are replaced. */
const SKEW_MS = 60_000;

export function createSealingKeys(deps: SealingKeysDeps, lifetimeSeconds: number): SealingKeys {
  const { database, keyStore, events, clock } = deps;
  const lifetimeMs = lifetimeSeconds * 1000;
  let generations: readonly Generation[] = [];

  async function load({ epoch, secret, created_at, ends_at }: GenerationRow): Promise<Generation> {
    const known = generations.find((one) => one.epoch === epoch);
    if (known) return known;
    const octets = await keyStore.load(secret);
    if (!octets) {
      throw new GatehouseError('database_incomplete', `The key ${secret} is missing: restore a backup.`);
    }
    return { epoch, createdAt: created_at, endsAt: ends_at, keys: keysIn(octets, epoch) };
  }

  async function build(connection: Connection): Promise<void> {
    const rows = await readGenerations(connection);
    generations = await Promise.all(rows.map(load));
  }

  function mustBegin(now: number): boolean {
    const [newest] = generations;
    return !newest || now >= newest.createdAt + lifetimeMs || newest.createdAt > now + SKEW_MS;
  }

  async function begin(now: number): Promise<void> {
    const epoch = (generations[0]?.epoch ?? 0) + 1;
    const secret = `sealing/${epoch}`;
    const store = await keyStore.seal(secret, await generateSecret());
    await database.write(async (tx) => {
      await store(tx);
      await insertGeneration(tx, { epoch, secret, created_at: now, ends_at: now + 2 * lifetimeMs });
      await events.publish(tx, sealingEvent('sealing.keys_created', epoch));
    });
  }

  /** The offered key stays until there is another. */
  async function removeEnded(now: number): Promise<void> {
    await remove(generations.slice(1).filter(({ endsAt }) => endsAt <= now));
  }

  async function remove(ended: readonly Generation[]): Promise<void> {
    if (ended.length === 0) return;
    await database.write(async (tx) => {
      for (const { epoch } of ended) {
        await keyStore.remove(tx, `sealing/${epoch}`);
        await deleteGeneration(tx, epoch);
        await events.publish(tx, sealingEvent('sealing.keys_removed', epoch));
      }
    });
  }

  return {
    generations: () => generations,
    projection: {
      name: 'keys of sealed requests',
      build,
      advance: (committed) => (committed.some(isSealingEvent) ? build(database.read) : undefined),
    },
    async advance() {
      const now = clock.now();
      if (mustBegin(now)) await begin(now);
      await removeEnded(now);
    },
    async replaceAll() {
      await begin(clock.now());
      await remove(generations.slice(1));
    },
  };
}
