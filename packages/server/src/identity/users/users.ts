// Users: creates, lists and removes them, changes their data, and checks their passwords.
import { randomBytes, randomInt } from 'node:crypto';
import type { Clock, PrincipalAttributes } from '@gatehouse/access';
import { base32, GatehouseError } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { HashAttempt, PasswordHasher } from '../passwords/password-hash.ts';
import type { PasswordRules } from '../passwords/password-rules.ts';
import { PASSWORD_MAX_LENGTH } from '../passwords/password-rules.ts';
import type { IdentityStore, User, UserInGroups } from '../store/store.ts';
import type { Administrators, Caution } from './administrators.ts';
import type { AttributeChange } from './attributes.ts';
import { changedAttributes, plainAttributes } from './attributes.ts';

export const ADMINISTRATOR = 'admin';

export interface NewUser {
  name: string;
  password: string;
  roles: string[];
  attributes?: PrincipalAttributes | undefined;
}

export interface Users {
  list(): Promise<UserInGroups[]>;
  /** Throws `conflict` if the name is taken, and `unprocessable` for a password that the rules refuse. */
  create(user: NewUser, actor: Actor): Promise<UserInGroups>;
  /** Checks a new user and hashes the password, for a transaction of the caller. Throws `unprocessable`. */
  prepareUser(user: NewUser): Promise<PreparedUser>;
  /** Throws `not_found`. */
  show(name: string): Promise<UserInGroups>;
  find(name: string): Promise<UserInGroups | undefined>;
  /** Also applies to existing tokens and certificates. Throws `not_found`, `confirmation_required`. */
  setRoles(name: string, roles: string[], actor: Actor, caution?: Caution): Promise<UserInGroups>;
  /** Also applies to existing tokens and certificates. Throws `not_found`, `unprocessable`. */
  changeAttributes(name: string, change: AttributeChange, actor: Actor): Promise<UserInGroups>;
  /**
   * A disabled user may not sign in; tokens become void, certificates are refused. Throws `not_found`,
   * `confirmation_required`.
   */
  setDisabled(name: string, disabled: boolean, actor: Actor, caution?: Caution): Promise<UserInGroups>;
  /** Throws `not_found`, `confirmation_required`. */
  remove(name: string, actor: Actor, caution?: Caution): Promise<void>;
  /**
   * Voids every token of the user, and returns the epoch of the next ones. `guard` runs first in the same
   * transaction, and may throw. Throws `not_found`, `unprocessable`.
   */
  setPassword(name: string, password: string, actor: Actor, guard?: Guard): Promise<number>;
  /** Checks and hashes a new password, for a transaction of the caller. Throws `unprocessable`. */
  preparePassword(name: string, password: string): Promise<PreparedPassword>;
  /**
   * The user if the password is right, otherwise undefined. Takes equally long in both cases. Throws
   * `too_many_requests` if too many sign-ins from there wait, and the errors of `attempt.begin`.
   */
  checkPassword(name: string, password: string, attempt: HashAttempt): Promise<UserInGroups | undefined>;
  /** Creates the administrator if there is no user at all. */
  createAdministrator(): Promise<void>;
}

/** Throws if an act may not go on. */
export type Guard = (tx: Tx) => Promise<void>;

export interface PreparedUser {
  user: UserInGroups;
  /** Throws `conflict` if the name is taken. */
  store(tx: Tx, actor: Actor): Promise<void>;
}

export interface PreparedPassword {
  /** Of the user, from then on. */
  tokenEpoch: number;
  /** Throws `not_found`. */
  store(tx: Tx, actor: Actor): Promise<void>;
  /** Call it when the change is on disk. */
  stored(): void;
}

export interface UsersDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  hasher: PasswordHasher;
  rules: PasswordRules;
  clock: Clock;
  initialPassword: InitialPassword;
  administrators: Administrators;
}

/** Where the administrator's first password is stored until it is replaced. */
export interface InitialPassword {
  /** Called before the user is on disk, so that no start leaves an administrator with a lost password. */
  announce(password: string): void;
  /** Called when the password was replaced or its user was removed. */
  forget(): void;
}

export function createUsers(deps: UsersDeps): Users {
  const { database, store, events, hasher, rules, clock, administrators } = deps;

  async function prepare({ name, password, roles, attributes = {} }: NewUser): Promise<User> {
    const passwordHash = await hasher.hash(password);
    const createdAt = clock.now();
    return { name, roles, passwordHash, disabled: false, createdAt, tokenEpoch: newTokenEpoch(), attributes };
  }

  async function insert(tx: Tx, user: User, actor: Actor): Promise<void> {
    const { name, roles, attributes } = user;
    if (!(await store.claimName(tx, name))) {
      throw new GatehouseError('conflict', `The name "${name}" is taken: choose another.`);
    }
    await store.insertUser(tx, user);
    const data = {
      roles,
      ...(Object.keys(attributes).length > 0 && { attributes: plainAttributes(attributes) }),
    };
    await events.publish(tx, userEvent('user_created', actor, name, data));
  }

  async function prepareUser(user: NewUser): Promise<PreparedUser> {
    await rules.require(user.password, { name: user.name, isAlone: true });
    const prepared = await prepare(user);
    return {
      user: { ...prepared, groups: [], disabledGroups: [], effectiveRoles: prepared.roles },
      store: (tx, actor) => insert(tx, prepared, actor),
    };
  }

  async function find(name: string): Promise<UserInGroups | undefined> {
    const user = await store.user(database.read, name);
    return user && (await store.inGroups(database.read, [user]))[0];
  }

  function change(
    event: DomainEvent & { subject: string },
    fields: Parameters<IdentityStore['changeUser']>[2],
    caution: Caution,
  ): Promise<UserInGroups> {
    return database.write((tx) =>
      administrators.guard(tx, caution, async () => {
        const user = await store.changeUser(tx, event.subject, fields);
        if (!user) throw unknownUser(event.subject);
        await events.publish(tx, event);
        return inGroups(tx, user);
      }),
    );
  }

  async function inGroups(tx: Tx, user: User): Promise<UserInGroups> {
    const [found] = await store.inGroups(tx, [user]);
    return found ?? { ...user, groups: [], disabledGroups: [], effectiveRoles: user.roles };
  }

  async function preparePassword(name: string, password: string): Promise<PreparedPassword> {
    // With TOTP, the password is one of two factors.
    const isAlone = (await store.totp(database.read, name, 'confirmed')) === undefined;
    await rules.require(password, { name, isAlone });
    const passwordHash = await hasher.hash(password);
    const tokenEpoch = newTokenEpoch();
    return {
      tokenEpoch,
      async store(tx, actor) {
        const changed = await store.setPassword(tx, name, { passwordHash, tokenEpoch });
        if (!changed) throw unknownUser(name);
        await events.publish(tx, userEvent('password_changed', actor, name));
      },
      stored() {
        if (name === ADMINISTRATOR) deps.initialPassword.forget();
      },
    };
  }

  /** Hashes a right password again, because its hash has old parameters or another normal form. */
  async function renewHash(user: User, password: string): Promise<void> {
    const newer = await hasher.hash(password);
    await database.write((tx) => store.replaceHash(tx, user, newer));
  }

  return {
    find,
    list: async () => store.inGroups(database.read, await store.users(database.read)),
    async create(user, actor) {
      const prepared = await prepareUser(user);
      await database.write((tx) => prepared.store(tx, actor));
      return prepared.user;
    },
    prepareUser,
    async show(name) {
      const user = await find(name);
      if (!user) throw unknownUser(name);
      return user;
    },
    setRoles: (name, roles, actor, caution = {}) =>
      change(userEvent('user_roles_changed', actor, name, { roles }), { roles }, caution),
    changeAttributes: (name, wanted, actor) =>
      database.write(async (tx) => {
        const before = await store.user(tx, name);
        if (!before) throw unknownUser(name);
        const attributes = changedAttributes(before.attributes, wanted);
        const user = (await store.changeUser(tx, name, { attributes })) ?? before;
        const data = { set: plainAttributes(wanted.set), remove: wanted.remove };
        await events.publish(tx, userEvent('user_attributes_changed', actor, name, data));
        return inGroups(tx, user);
      }),
    setDisabled(name, disabled, actor, caution = {}) {
      // With a new epoch, earlier tokens stay void when the user is enabled again.
      const fields = { disabled, ...(disabled && { tokenEpoch: newTokenEpoch() }) };
      const event = userEvent(disabled ? 'user_disabled' : 'user_enabled', actor, name);
      return change(event, fields, caution);
    },
    async remove(name, actor, caution = {}) {
      await database.write((tx) =>
        administrators.guard(tx, caution, async () => {
          if (!(await store.deleteUser(tx, name))) throw unknownUser(name);
          await store.leaveGroups(tx, name);
          await store.releaseName(tx, name);
          await events.publish(tx, userEvent('user_removed', actor, name));
        }),
      );
      if (name === ADMINISTRATOR) deps.initialPassword.forget();
    },
    preparePassword,
    async setPassword(name, password, actor, guard) {
      const prepared = await preparePassword(name, password);
      await database.write(async (tx) => {
        await guard?.(tx);
        await prepared.store(tx, actor);
      });
      prepared.stored();
      return prepared.tokenEpoch;
    },
    async checkPassword(name, password, attempt) {
      const user = await store.user(database.read, name);
      const tooLong = password.length > PASSWORD_MAX_LENGTH;
      const verified = await hasher.verify(tooLong ? '' : password, user?.passwordHash, attempt);
      if (verified === 'wrong' || tooLong || !user || user.disabled) return undefined;
      if (verified === 'outdated') await renewHash(user, password);
      // Read again: the user may have changed during the hash.
      const current = await find(name);
      return current && !current.disabled && current.tokenEpoch === user.tokenEpoch ? current : undefined;
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

/** The epoch is random, because voided tokens must not become valid again when the clock is set back. */
function newTokenEpoch(): number {
  return randomInt(2 ** 48 - 1);
}

export function unknownUser(name: string): GatehouseError {
  return new GatehouseError('not_found', `There is no user "${name}": see 'gatehouse user list'.`);
}

function userEvent(fact: string, actor: Actor, name: string, data: DomainEvent['data'] = {}) {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: name, data } as const;
}
