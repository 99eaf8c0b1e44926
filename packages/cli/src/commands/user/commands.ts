// `gatehouse user …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, passwordStdin, role } from '../../flags.ts';

const userAdd = buildCommand({
  loader: async () => (await import('./add.ts')).userAdd,
  parameters: {
    flags: { role, passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [argument('Name to sign in with', 'NAME')] },
  },
  docs: { brief: 'Add a user; asks for the password' },
});

const userList = buildCommand({
  loader: async () => (await import('./list.ts')).userList,
  parameters: { flags: management },
  docs: { brief: 'List the users' },
});

const userRemove = buildCommand({
  loader: async () => (await import('./remove.ts')).userRemove,
  parameters: {
    flags: management,
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Remove a user' },
});

const userPassword = buildCommand({
  loader: async () => (await import('./password.ts')).userPassword,
  parameters: {
    flags: { passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Change a password; asks for the new one' },
});

export const user = buildRouteMap({
  routes: { add: userAdd, list: userList, remove: userRemove, password: userPassword },
  docs: { brief: 'Users, who sign in with a password' },
});
