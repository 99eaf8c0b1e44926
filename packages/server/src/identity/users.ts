// Users: creates, lists and removes them, changes their passwords, and signs them in.
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { base32, GatehouseError } from '@gatehouse/access';
import type { Database, Tx } from '../platform/database.ts';
import type { Actor, DomainEvent, Events } from '../platform/events.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { IdentityStore, User } from './store/store.ts';

export const ADMINISTRATOR = 'admin';
const PASSWORD_MAX_LENGTH = 1024;

export interface NewUser {
  name: string;
  password: string;
  roles: string[];
}

export interface Users {
  list(): Promise<User[]>;
  /**
   * Throws `conflict` when the name is taken, `unprocessable` for a password that is too short or too long.
   */
  create(user: NewUser, actor: Actor): Promise<User>;
  /** Throws `not_found`. */
  show(name: string): Promise<User>;
  /** In force for tokens and certificates that exist. Throws `not_found`. */
  setRoles(name: string, roles: string[], actor: Actor): Promise<User>;
  /** A disabled user may not sign in; tokens become void, certificates are refused. Throws `not_found`. */
  setDisabled(name: string, disabled: boolean, actor: Actor): Promise<User>;
  /** Throws `not_found`. */
  remove(name: string, actor: Actor): Promise<void>;
  /** Voids every token of the user. Throws `not_found`, `unprocessable`. */
  setPassword(name: string, password: string, actor: Actor): Promise<void>;
  /**
   * The user if the password is right, otherwise undefined. Takes equally long either way. `address` is the
   * client's. Throws `too_many_requests` when too many sign-ins from there wait.
   */
  checkPassword(name: string, password: string, address: string): Promise<User | undefined>;
  /** Creates the administrator if there is no user at all. */
  createAdministrator(): Promise<void>;
}

export interface UsersDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  hasher: PasswordHasher;
  clock: Clock;
  passwordMinLength: number;
  initialPassword: InitialPassword;
}

/** Where the administrator's first password is stored until it is replaced. */
export interface InitialPassword {
  /** Called before the user is on disk, so that no start leaves an administrator with a lost password. */
  announce(password: string): void;
  /** Called when the password was replaced or its user removed. */
  forget(): void;
}

export function createUsers(deps: UsersDeps): Users {
  const { database, store, events, hasher, clock } = deps;

  async function prepare({ name, password, roles }: NewUser): Promise<User> {
    const passwordHash = await hasher.hash(password);
    const createdAt = clock.now();
    return { name, roles, passwordHash, disabled: false, createdAt, tokenEpoch: newTokenEpoch() };
  }

  async function insert(tx: Tx, user: User, actor: Actor): Promise<void> {
    const { name, roles } = user;
    if (!(await store.claimName(tx, name))) {
      throw new GatehouseError('conflict', `The name "${name}" is taken: choose another.`);
    }
    await store.insertUser(tx, user);
    await events.publish(tx, userEvent('user_created', actor, name, { roles }));
  }

  function change(
    name: string,
    fields: Parameters<IdentityStore['changeUser']>[2],
    publish: (tx: Tx) => Promise<void>,
  ): Promise<User> {
    return database.write(async (tx) => {
      const user = await store.changeUser(tx, name, fields);
      if (!user) throw unknownUser(name);
      await publish(tx);
      return user;
    });
  }

  return {
    list: () => store.users(database.read),
    async create(user, actor) {
      checkPasswordLength(user.password, deps.passwordMinLength);
      const prepared = await prepare(user);
      await database.write((tx) => insert(tx, prepared, actor));
      return prepared;
    },
    async show(name) {
      const user = await store.user(database.read, name);
      if (!user) throw unknownUser(name);
      return user;
    },
    setRoles: (name, roles, actor) =>
      change(name, { roles }, (tx) =>
        events.publish(tx, userEvent('user_roles_changed', actor, name, { roles })),
      ),
    setDisabled(name, disabled, actor) {
      // With a new epoch, tokens of before stay void when the user is enabled again.
      const fields = { disabled, ...(disabled && { tokenEpoch: newTokenEpoch() }) };
      const type = disabled ? 'user_disabled' : 'user_enabled';
      return change(name, fields, (tx) => events.publish(tx, userEvent(type, actor, name)));
    },
    async remove(name, actor) {
      await database.write(async (tx) => {
        if (!(await store.deleteUser(tx, name))) throw unknownUser(name);
        await store.releaseName(tx, name);
        await events.publish(tx, userEvent('user_removed', actor, name));
      });
      if (name === ADMINISTRATOR) deps.initialPassword.forget();
    },
    async setPassword(name, password, actor) {
      checkPasswordLength(password, deps.passwordMinLength);
      const passwordHash = await hasher.hash(password);
      await database.write(async (tx) => {
        const changed = await store.setPassword(tx, name, { passwordHash, tokenEpoch: newTokenEpoch() });
        if (!changed) throw unknownUser(name);
        await events.publish(tx, userEvent('password_changed', actor, name));
      });
      if (name === ADMINISTRATOR) deps.initialPassword.forget();
    },
    async checkPassword(name, password, address) {
      const user = await store.user(database.read, name);
      const tooLong = password.length > PASSWORD_MAX_LENGTH;
      const matches = await hasher.verify(tooLong ? '' : password, user?.passwordHash, address);
      return matches && !tooLong && user && !user.disabled ? user : undefined;
    },
    async createAdministrator() {
      if ((await store.countUsers(database.read)) > 0) return;
      const password = base32(randomBytes(15));
      const administrator = await prepare({ name: ADMINISTRATOR, password, roles: ['admin'] });
      await database.write(async (tx) => {
        if ((await store.countUsers(tx)) > 0) return;
        await insert(tx, administrator, { kind: 'system', name: 'gatehouse' });
        deps.initialPassword.announce(password);
      });
    },
  };
}

/** Random rather than the time: if the clock is set back, voided tokens must not become valid again. */
function newTokenEpoch(): number {
  return randomInt(2 ** 48 - 1);
}

function checkPasswordLength(password: string, minimum: number): void {
  const length = [...password].length;
  if (length >= minimum && password.length <= PASSWORD_MAX_LENGTH) return;
  throw new GatehouseError(
    'unprocessable',
    `A password has ${minimum} to ${PASSWORD_MAX_LENGTH} characters; this one has ${length}.`,
  );
}

function unknownUser(name: string): GatehouseError {
  return new GatehouseError('not_found', `There is no user "${name}": see 'gatehouse user list'.`);
}

function userEvent(fact: string, actor: Actor, name: string, data: DomainEvent['data'] = {}): DomainEvent {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: name, data };
}
