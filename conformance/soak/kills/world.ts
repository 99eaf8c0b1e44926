// The writers' view of the server: everything that they created, and its state by the answers.
import type { Random } from '../../../fuzz/harness/random.ts';
import type { AcmeClient } from '../../support/acme-client.ts';
import type { Up } from '../../support/gatehouse-command.ts';

/** `unknown`: a write was sent but not answered, so it may or may not have happened. */
export type Standing = 'in force' | 'gone' | 'unknown';

export interface Thing {
  standing: Standing;
  /** Whether a writer is using it. */
  isTaken: boolean;
  /** The round of its last write. */
  round: number;
}

export interface KnownKey extends Thing {
  id: string;
  text: string;
}

export interface KnownCertificate extends Thing {
  serial: string;
  /** PEM of the certificate and its issuer. */
  chain: string;
  /** PEM. */
  key: string;
}

/** A user with an access token, or a service. Both may have client certificates. */
export interface KnownOwner extends Thing {
  kind: 'user' | 'service';
  name: string;
  token?: string;
  certificates: KnownCertificate[];
}

export interface KnownAccount extends Thing {
  id: string;
  client: AcmeClient;
}

/** An OAuth client that gets tokens with its secret. */
export interface KnownClient extends Thing {
  id: string;
  secret: string;
  /** An access token, from when the client was in force. */
  token: string;
}

/**
 * A user whose only role that permits something is that of a group. The standing is that of the membership.
 */
export interface KnownMember extends Thing {
  name: string;
  token: string;
}

/** The policies in force. They forbid everything to these members, by name. */
export interface KnownPolicies extends Thing {
  forbidden: ReadonlySet<string>;
}

export interface World {
  keys: KnownKey[];
  owners: KnownOwner[];
  accounts: KnownAccount[];
  clients: KnownClient[];
  members: KnownMember[];
  policies: KnownPolicies;
  /** Names of everything that was requested, answered or not. */
  names: Set<string>;
  round: number;
  /** Writes that were answered. */
  acknowledged: number;
  /** The number of the last revocation list that was read. */
  listNumber: bigint;
}

/** The world and the server in one round. */
export interface Scene {
  world: World;
  server: Up;
  random: Random;
}

export const PASSWORD = 'correct horse battery staple';

export function createWorld(): World {
  return {
    keys: [],
    owners: [],
    accounts: [],
    clients: [],
    members: [],
    policies: { standing: 'in force', isTaken: false, round: 0, forbidden: new Set() },
    names: new Set(),
    round: 0,
    acknowledged: 0,
    listNumber: 0n,
  };
}

/** A new thing in the world, in use by the writer that creates it. */
export function newThing({ round }: World): Thing {
  return { standing: 'unknown', isTaken: true, round };
}

/** Sends a write that changes `things`. Until the answer, their standing is unknown. */
export async function write<T>(
  world: World,
  { things, becomes }: { things: readonly Thing[]; becomes: Standing },
  send: () => Promise<T>,
): Promise<T> {
  for (const thing of things) Object.assign(thing, { standing: 'unknown', round: world.round });
  const answer = await send();
  for (const thing of things) thing.standing = becomes;
  world.acknowledged += 1;
  return answer;
}

/**
 * Takes a thing that is free and fits, if there is one. After a failed write it stays taken: its standing is
 * unknown.
 */
export async function withOne<T extends Thing>(
  random: Random,
  things: readonly T[],
  act: (thing: T) => Promise<void>,
  fits = ({ standing }: T) => standing === 'in force',
): Promise<void> {
  const free = things.filter((thing) => !thing.isTaken && fits(thing));
  if (free.length === 0) return;
  const thing = random.pick(free);
  thing.isTaken = true;
  await act(thing);
  thing.isTaken = false;
}

export function nextName({ names }: World, kind: string): string {
  const name = `${kind}-${names.size}`;
  names.add(name);
  return name;
}
