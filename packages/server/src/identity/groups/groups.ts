// Groups of users. The members have the roles of the group, also with the tokens and certificates that they
// already have.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { Actor, DomainEvent, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { Group, IdentityStore } from '../store/store.ts';
import type { Administrators, Caution } from '../users/administrators.ts';
import { unknownUser } from '../users/users.ts';

export interface GroupWithMembers extends Group {
  /** Names of users. */
  members: string[];
}

export interface NewGroup {
  name: string;
  roles: string[];
  members: string[];
}

export interface GroupChange {
  /** All new roles; undefined: no change. */
  roles?: string[] | undefined;
  addMembers: string[];
  removeMembers: string[];
}

export interface Groups {
  list(): Promise<Group[]>;
  /** Throws `not_found`. */
  show(name: string): Promise<GroupWithMembers>;
  /** Throws `conflict` if the name is taken, and `not_found` for a member that does not exist. */
  create(group: NewGroup, actor: Actor): Promise<GroupWithMembers>;
  /**
   * Throws `not_found` for the group, and for a new member that does not exist, and `confirmation_required`.
   */
  change(name: string, change: GroupChange, actor: Actor, caution?: Caution): Promise<GroupWithMembers>;
  /**
   * A disabled group has no effect on its members until it is enabled. Throws `not_found`,
   * `confirmation_required`.
   */
  setDisabled(name: string, disabled: boolean, actor: Actor, caution?: Caution): Promise<Group>;
  /** Throws `not_found`, `confirmation_required`. */
  remove(name: string, actor: Actor, caution?: Caution): Promise<void>;
}

export interface GroupsDeps {
  database: Database;
  store: IdentityStore;
  events: Events;
  clock: Clock;
  administrators: Administrators;
}

export function createGroups({ database, store, events, clock, administrators }: GroupsDeps): Groups {
  const guarded = <T>(caution: Caution, act: (tx: Tx) => Promise<T>): Promise<T> =>
    database.write((tx) => administrators.guard(tx, caution, () => act(tx)));

  async function addMember(tx: Tx, group: string, user: string, actor: Actor): Promise<void> {
    if (!(await store.user(tx, user))) throw unknownUser(user);
    if (!(await store.addMember(tx, group, user))) return;
    await events.publish(tx, groupEvent('group_member_added', actor, group, { user }));
  }

  async function removeMember(tx: Tx, group: string, user: string, actor: Actor): Promise<void> {
    if (!(await store.removeMember(tx, group, user))) return;
    await events.publish(tx, groupEvent('group_member_removed', actor, group, { user }));
  }

  async function setRoles(tx: Tx, group: string, roles: string[], actor: Actor): Promise<void> {
    await store.setGroupRoles(tx, group, roles);
    await events.publish(tx, groupEvent('group_roles_changed', actor, group, { roles }));
  }

  async function shown(connection: Tx | Database['read'], name: string): Promise<GroupWithMembers> {
    const group = await store.group(connection, name);
    if (!group) throw unknownGroup(name);
    return { ...group, members: await store.members(connection, name) };
  }

  return {
    list: () => store.groups(database.read),
    show: (name) => shown(database.read, name),
    create: ({ name, roles, members }, actor) =>
      database.write(async (tx) => {
        if (!(await store.insertGroup(tx, { name, roles, createdAt: clock.now() }))) {
          throw new GatehouseError('conflict', `A group "${name}" already exists.`);
        }
        await events.publish(tx, groupEvent('group_created', actor, name, { roles }));
        for (const member of members) await addMember(tx, name, member, actor);
        return shown(tx, name);
      }),
    change: (name, { roles, addMembers, removeMembers }, actor, caution = {}) =>
      guarded(caution, async (tx) => {
        if (!(await store.group(tx, name))) throw unknownGroup(name);
        if (roles) await setRoles(tx, name, roles, actor);
        for (const member of addMembers) await addMember(tx, name, member, actor);
        for (const member of removeMembers) await removeMember(tx, name, member, actor);
        return shown(tx, name);
      }),
    setDisabled: (name, disabled, actor, caution = {}) =>
      guarded(caution, async (tx) => {
        if (!(await store.setGroupDisabled(tx, name, disabled))) throw unknownGroup(name);
        const fact = disabled ? 'group_disabled' : 'group_enabled';
        await events.publish(tx, groupEvent(fact, actor, name));
        return shown(tx, name);
      }),
    remove: (name, actor, caution = {}) =>
      guarded(caution, async (tx) => {
        if (!(await store.deleteGroup(tx, name))) throw unknownGroup(name);
        await events.publish(tx, groupEvent('group_removed', actor, name));
      }),
  };
}

function unknownGroup(name: string): GatehouseError {
  return new GatehouseError('not_found', `There is no group "${name}": see 'gatehouse group list'.`);
}

function groupEvent(fact: string, actor: Actor, group: string, data: DomainEvent['data'] = {}): DomainEvent {
  return { type: `identity.${fact}`, actor, outcome: 'success', subject: group, data };
}
