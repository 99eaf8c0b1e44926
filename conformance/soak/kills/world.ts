// What the writers know about the server: everything that they created, and its standing according to the
// answers.
import type { AcmeClient } from '../../support/acme-client.ts';

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

export interface World {
  keys: KnownKey[];
  owners: KnownOwner[];
  accounts: KnownAccount[];
  /** Names of everything that was requested, answered or not. */
  names: Set<string>;
  round: number;
  /** Writes that were answered. */
  acknowledged: number;
  /** The number of the last revocation list that was read. */
  listNumber: bigint;
}

export function createWorld(): World {
  return {
    keys: [],
    owners: [],
    accounts: [],
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
