// Groups and their members.
import type { Expression } from 'kysely';
import { sql } from 'kysely';
import type { Connection, Tx } from '../../platform/store/database.ts';
import type { Group, User, UserInGroups, Within } from './rows.ts';
import { groupFromRow } from './rows.ts';

export function groupQueries(within: Within) {
  /** The groups of the users with these names, in the order of their names. */
  async function groupsOf(connection: Connection, first: string, last: string) {
    const rows = await within(connection)
      .selectFrom('group_members')
      .innerJoin('groups', 'groups.name', 'group_members.group_name')
      .select(['group_members.user_name', 'groups.name', 'groups.roles', 'groups.disabled'])
      .where('group_members.user_name', '>=', first)
      .where('group_members.user_name', '<=', last)
      .orderBy('group_members.user_name')
      .orderBy('groups.name')
      .execute();
    return Map.groupBy(rows, (row) => row.user_name);
  }

  return {
    /** Adds the groups and their roles to these users, which are sorted by name. */
    async inGroups(connection: Connection, users: readonly User[]): Promise<UserInGroups[]> {
      const [first, last] = [users[0]?.name, users.at(-1)?.name];
      if (first === undefined || last === undefined) return [];
      const groups = await groupsOf(connection, first, last);
      return users.map((user) => {
        const all = groups.get(user.name) ?? [];
        const enabled = all.filter(({ disabled }) => disabled === 0);
        const given = enabled.flatMap(({ roles }) => JSON.parse(roles) as string[]);
        return {
          ...user,
          groups: enabled.map(({ name }) => name),
          disabledGroups: all.flatMap(({ name, disabled }) => (disabled === 0 ? [] : [name])),
          effectiveRoles: [...new Set([...user.roles, ...given])],
        };
      });
    },
    /** Whether a user who is not disabled has one of these roles, also by a group that is not disabled. */
    async hasActiveUserWith(connection: Connection, roles: readonly string[]): Promise<boolean> {
      const row = await within(connection)
        .selectFrom('users')
        .leftJoin('group_members', 'group_members.user_name', 'users.name')
        .leftJoin('groups', (join) =>
          join.onRef('groups.name', '=', 'group_members.group_name').on('groups.disabled', '=', 0),
        )
        .select('users.name')
        .where('users.disabled', '=', 0)
        .where(({ or, eb }) =>
          or(
            roles.flatMap((role) => [
              lists(eb.ref('users.roles'), role),
              lists(eb.ref('groups.roles'), role),
            ]),
          ),
        )
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async groups(connection: Connection): Promise<Group[]> {
      const rows = await within(connection).selectFrom('groups').selectAll().orderBy('name').execute();
      return rows.map(groupFromRow);
    },
    async group(connection: Connection, name: string): Promise<Group | undefined> {
      const row = await within(connection)
        .selectFrom('groups')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && groupFromRow(row);
    },
    async members(connection: Connection, group: string): Promise<string[]> {
      const rows = await within(connection)
        .selectFrom('group_members')
        .select('user_name')
        .where('group_name', '=', group)
        .orderBy('user_name')
        .execute();
      return rows.map((row) => row.user_name);
    },
    /** False if the name is taken. */
    async insertGroup(tx: Tx, { name, roles, createdAt }: Omit<Group, 'disabled'>): Promise<boolean> {
      const result = await within(tx)
        .insertInto('groups')
        .values({ name, roles: JSON.stringify(roles), created_at: createdAt, disabled: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async setGroupRoles(tx: Tx, name: string, roles: readonly string[]): Promise<void> {
      await within(tx)
        .updateTable('groups')
        .set({ roles: JSON.stringify(roles) })
        .where('name', '=', name)
        .execute();
    },
    /** False if there is no such group. */
    async setGroupDisabled(tx: Tx, name: string, disabled: boolean): Promise<boolean> {
      const result = await within(tx)
        .updateTable('groups')
        .set({ disabled: Number(disabled) })
        .where('name', '=', name)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async deleteGroup(tx: Tx, name: string): Promise<boolean> {
      await within(tx).deleteFrom('group_members').where('group_name', '=', name).execute();
      const result = await within(tx).deleteFrom('groups').where('name', '=', name).executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    /** False if the user was a member already. */
    async addMember(tx: Tx, group: string, user: string): Promise<boolean> {
      const result = await within(tx)
        .insertInto('group_members')
        .values({ group_name: group, user_name: user })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    /** False if the user was not a member. */
    async removeMember(tx: Tx, group: string, user: string): Promise<boolean> {
      const result = await within(tx)
        .deleteFrom('group_members')
        .where('group_name', '=', group)
        .where('user_name', '=', user)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },
    /** Removes the user from all groups. */
    async leaveGroups(tx: Tx, user: string): Promise<void> {
      await within(tx).deleteFrom('group_members').where('user_name', '=', user).execute();
    },
  };
}

/** Whether a list of roles in JSON has this role. `like` would ignore the case of letters. */
function lists(roles: Expression<unknown>, role: string) {
  return sql<boolean>`instr(${roles}, ${JSON.stringify(role)}) > 0`;
}
