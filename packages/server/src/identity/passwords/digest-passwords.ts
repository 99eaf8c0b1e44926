// Passwords for a person’s programs, with Digest (RFC 7616) and Basic: random, made here, one for each
// user. The password is shown once, and the server stores only H(A1), sealed. H(A1) is a fast hash, and
// enough to sign in with Digest, so people must not choose the password themselves.
import type { Clock, DigestFacts } from '@gatehouse/access';
import { DIGEST_ALGORITHMS, digestSecret, GatehouseError, generateAppPassword } from '@gatehouse/access';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { KeyStore } from '../../platform/keys/key-store.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { IdentityStore } from '../store/store.ts';
import type { Guard } from '../users/users.ts';

export interface DigestPasswords {
  /**
   * A new password, which is not stored. It replaces the previous one. `guard` runs first in the same
   * transaction, and may throw. Throws `not_found`.
   */
  create(name: string, actor: Actor, guard?: Guard): Promise<string>;
  /** Throws `not_found` if the user has none. */
  remove(name: string, actor: Actor): Promise<void>;
  /** When it was made; undefined if the user has none. */
  since(name: string): Promise<number | undefined>;
  /** The data for the workers; undefined if the user has no such password. */
  facts(name: string): Promise<DigestFacts | undefined>;
}

export function createDigestPasswords(deps: {
  database: Database;
  store: IdentityStore;
  keyStore: KeyStore;
  events: Events;
  clock: Clock;
}): DigestPasswords {
  const { database, store, keyStore, events, clock } = deps;

  async function forget(tx: Tx, name: string): Promise<boolean> {
    await keyStore.remove(tx, secretOf(name));
    return store.deleteDigestPassword(tx, name);
  }

  function publish(tx: Tx, what: 'changed' | 'removed', name: string, actor: Actor): Promise<void> {
    const type = `identity.digest_password_${what}` as const;
    return events.publish(tx, { type, actor, outcome: 'success', subject: name, data: {} });
  }

  // The next user of that name does not get it.
  events.subscribe(async (tx, { type, subject }) => {
    if (type === 'identity.user_removed' && subject !== null) await forget(tx, subject);
  });

  return {
    async create(name, actor, guard) {
      // This check comes before the key is derived, because the name may have any length.
      if (!(await store.user(database.read, name))) throw unknownUser(name);
      const password = generateAppPassword();
      const secrets = DIGEST_ALGORITHMS.map((algorithm) => [
        algorithm,
        digestSecret(algorithm, name, password),
      ]);
      const sealed = Buffer.from(JSON.stringify(Object.fromEntries(secrets)));
      const seal = await keyStore.seal(secretOf(name), sealed);
      await database.write(async (tx) => {
        await guard?.(tx);
        if (!(await store.user(tx, name))) throw unknownUser(name);
        await forget(tx, name);
        await seal(tx);
        await store.insertDigestPassword(tx, name, clock.now());
        await publish(tx, 'changed', name, actor);
      });
      return password;
    },
    async remove(name, actor) {
      await database.write(async (tx) => {
        if (!(await forget(tx, name))) throw noPassword(name);
        await publish(tx, 'removed', name, actor);
      });
    },
    since: (name) => store.digestPasswordSince(database.read, name),
    async facts(name) {
      const sealed = await keyStore.load(secretOf(name));
      return sealed && (JSON.parse(Buffer.from(sealed).toString('utf8')) as DigestFacts);
    },
  };
}

function secretOf(name: string): string {
  return `identity/digest-password/${name}`;
}

function unknownUser(name: string): GatehouseError {
  return new GatehouseError('not_found', `There is no user "${name}": see 'gatehouse user list'.`);
}

function noPassword(name: string): GatehouseError {
  return new GatehouseError(
    'not_found',
    `The user "${name}" has no digest password: make one with 'gatehouse user digest-password ${name}'.`,
  );
}
