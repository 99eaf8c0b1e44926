// Links with which a user chooses a new password. An administrator makes one; it works once, and for a short
// time. Only the hash of its token is stored. The token is after the `#` of the link, which browsers do not
// send.
import { hash } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { RepeatedEvents } from '../../platform/ledger/repeated-events.ts';
import type { Database } from '../../platform/store/database.ts';
import type { SignInClient } from '../sign-in/authentication.ts';
import type { IdentityStore } from '../store/store.ts';
import type { Users } from '../users/users.ts';
import { unknownUser } from '../users/users.ts';

export interface NewReset {
  /** Secret. */
  token: string;
  expiresAt: number;
}

export interface PasswordResets {
  /** A new link replaces an earlier one of the user. Throws `not_found`. */
  create(user: string, actor: Actor): Promise<NewReset>;
  /**
   * Sets the password, and returns the user's name. Throws `credential_invalid` for a token that does not
   * work, and `unprocessable` for a password that the rules refuse; the link then still works.
   */
  use(given: { token: string; password: string }, client: SignInClient): Promise<string>;
  prune(): Promise<void>;
}

export interface PasswordResetsDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  users: Pick<Users, 'preparePassword'>;
  repeated: Pick<RepeatedEvents, 'record'>;
  clock: Clock;
  randomBytes: (length: number) => Uint8Array;
}

const TOKEN_BYTES = 32;

export function createPasswordResets(deps: PasswordResetsDeps, lifetimeSeconds: number): PasswordResets {
  const { database, store, events, clock } = deps;

  async function refuse({ address, requestId }: SignInClient): Promise<never> {
    await deps.repeated.record({
      type: 'identity.reset_refused',
      actor: { kind: 'anonymous', name: 'anonymous', address },
      outcome: 'failure',
      subject: null,
      data: { requestId },
    });
    throw new GatehouseError(
      'credential_invalid',
      'The link does not work: it was used, has expired, or a newer one replaced it. Ask for a new one.',
    );
  }

  return {
    async create(user, actor) {
      const token = Buffer.from(deps.randomBytes(TOKEN_BYTES)).toString('base64url');
      const now = clock.now();
      const expiresAt = now + lifetimeSeconds * 1000;
      await database.write(async (tx) => {
        if (!(await store.user(tx, user))) throw unknownUser(user);
        await store.insertReset(tx, { tokenHash: hashOf(token), user, createdAt: now, expiresAt });
        const event = { actor, outcome: 'success', subject: user, data: { expiresAt } } as const;
        await events.publish(tx, { type: 'identity.reset_created', ...event });
      });
      return { token, expiresAt };
    },
    async use({ token, password }, client) {
      const tokenHash = hashOf(token);
      const found = await store.reset(database.read, tokenHash);
      if (!found || found.expiresAt <= clock.now()) return refuse(client);
      const actor: Actor = { kind: 'user', name: found.user, address: client.address };
      const prepared = await deps.users.preparePassword(found.user, password);
      const isTaken = await database.write(async (tx) => {
        // If two requests come at the same time, only one finds it.
        if (!(await store.takeReset(tx, tokenHash))) return false;
        await prepared.store(tx, actor);
        return true;
      });
      if (!isTaken) return refuse(client);
      prepared.stored();
      return found.user;
    },
    async prune() {
      await database.write((tx) => store.pruneResets(tx, clock.now()));
    },
  };
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
