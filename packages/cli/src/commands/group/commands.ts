// `gatehouse group …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  explained,
  lastAdministrator,
  management,
  repeated,
  toggle,
  withExamples,
} from '../../flags.ts';

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
  docs: explained('Add a group', 'gatehouse group add editors --role editor --member alice --member bob'),
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).groupList,
  parameters: { flags: management },
  docs: explained('List the groups', 'gatehouse group list'),
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).groupShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Show a group and its members', 'gatehouse group show editors'),
});

const set = buildCommand({
  loader: async () => (await import('./set.ts')).groupSet,
  parameters: {
    flags: {
      role: repeated('Role of each member; replaces all roles of the group', 'ROLE'),
      noRoles: toggle('Remove all roles of the group'),
      addMember: repeated('User to add to the group', 'USER'),
      removeMember: repeated('User to remove from the group', 'USER'),
      lastAdministrator,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: 'Change the roles and members of a group; applies at once',
    fullDescription: withExamples(
      'Change the roles and members of a group. The change applies at once.',
      'gatehouse group set editors --role user --role editor',
      'gatehouse group set editors --add-member alice --remove-member bob',
    ),
  },
});

const disable = buildCommand({
  loader: async () => (await import('./state.ts')).groupDisable,
  parameters: {
    flags: { lastAdministrator, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Take the roles of a group from its members, until you enable the group',
    'gatehouse group disable editors',
  ),
});

const enable = buildCommand({
  loader: async () => (await import('./state.ts')).groupEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Give the roles of a disabled group to its members again',
    'gatehouse group enable editors',
  ),
});

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).groupRemove,
  parameters: {
    flags: { lastAdministrator, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained('Remove a group; its members remain users', 'gatehouse group remove editors'),
});

export const group = buildRouteMap({
  routes: { add, list, show, set, disable, enable, remove },
  docs: { brief: 'Groups of users; the members have the roles of the group' },
});
