// `gatehouse group …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, repeated, toggle, withExamples } from '../../flags.ts';

const name = argument('Name of the group', 'NAME');

const add = buildCommand({
  loader: async () => (await import('./add.ts')).groupAdd,
  parameters: {
    flags: {
      role: repeated('Role of each member', 'ROLE'),
      member: repeated('User to add to the group', 'USER'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Add a group' },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).groupList,
  parameters: { flags: management },
  docs: { brief: 'List the groups' },
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).groupShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Show a group and its members' },
});

const set = buildCommand({
  loader: async () => (await import('./set.ts')).groupSet,
  parameters: {
    flags: {
      role: repeated('Role of each member; replaces all roles of the group', 'ROLE'),
      noRoles: toggle('Remove all roles of the group'),
      addMember: repeated('User to add to the group', 'USER'),
      removeMember: repeated('User to remove from the group', 'USER'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: 'Change the roles and members of a group; applies at once',
    fullDescription: withExamples(
      'Changes the roles and members of a group. The change applies at once.',
      'gatehouse group set editors --role user --role editor',
      'gatehouse group set editors --add-member alice --remove-member bob',
    ),
  },
});

const disable = buildCommand({
  loader: async () => (await import('./state.ts')).groupDisable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Take its roles from the members of a group, until it is enabled' },
});

const enable = buildCommand({
  loader: async () => (await import('./state.ts')).groupEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Give the members of a disabled group its roles again' },
});

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).groupRemove,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Remove a group; its members remain users' },
});

export const group = buildRouteMap({
  routes: { add, list, show, set, disable, enable, remove },
  docs: { brief: 'Groups of users; the members have the roles of the group' },
});
