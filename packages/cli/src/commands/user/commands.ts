// `gatehouse user …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  attributes,
  management,
  out,
  passwordStdin,
  role,
  toggle,
  withExamples,
} from '../../flags.ts';

const name = argument('Name of the user', 'NAME');

const userAdd = buildCommand({
  loader: async () => (await import('./add.ts')).userAdd,
  parameters: {
    flags: { role, attribute: attributes.attribute, passwordStdin, ...management },
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
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Remove a user' },
});

const userPassword = buildCommand({
  loader: async () => (await import('./password.ts')).userPassword,
  parameters: {
    flags: { passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Change a password; asks for the new one' },
});

const userShow = buildCommand({
  loader: async () => (await import('./show.ts')).userShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Show a user' },
});

const userRole = buildCommand({
  loader: async () => (await import('./change.ts')).userRole,
  parameters: {
    flags: management,
    // A tuple of a name and many roles is not among the kinds that stricli has.
    positional: {
      kind: 'array',
      parameter: argument('Name of the user, then all new roles of the user', 'NAME ROLE'),
      minimum: 2,
    },
  },
  docs: { brief: 'Replace the roles of a user; they apply at once' },
});

const userDisable = buildCommand({
  loader: async () => (await import('./change.ts')).userDisable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Refuse a user, their tokens and certificates, until you enable the user' },
});

const userEnable = buildCommand({
  loader: async () => (await import('./change.ts')).userEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Let a disabled user sign in again' },
});

const userDigestPassword = buildCommand({
  loader: async () => (await import('./digest-password.ts')).userDigestPassword,
  parameters: {
    flags: {
      remove: toggle('Remove the password, without a new one'),
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Make a password for programs (HTTP Digest and Basic), and print it once' },
});

const userSet = buildCommand({
  loader: async () => (await import('./set.ts')).userSet,
  parameters: {
    flags: { ...attributes, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: 'Set and remove attributes of a user; applies at once',
    fullDescription: withExamples(
      'Sets and removes attributes of a user. The change applies at once.',
      'gatehouse user set alice --attribute department=sales --attribute level=3',
      'gatehouse user set alice --remove-attribute department',
    ),
  },
});

const userTotp = buildCommand({
  loader: async () => (await import('./totp.ts')).userTotp,
  parameters: {
    flags: { remove: toggle('Switch TOTP off, for a user who has lost the phone'), ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Switch TOTP on for a user; prints a QR code and recovery codes' },
});

const userRecoveryCodes = buildCommand({
  loader: async () => (await import('./recovery-codes.ts')).userRecoveryCodes,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Print new recovery codes for a user; the old ones no longer work' },
});

const userResetPassword = buildCommand({
  loader: async () => (await import('./reset-password.ts')).userResetPassword,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Print a link that a user can use once to choose a new password' },
});

const userUnlink = buildCommand({
  loader: async () => (await import('./unlink.ts')).userUnlink,
  parameters: {
    flags: management,
    positional: {
      kind: 'tuple',
      parameters: [name, argument('Name of the sign-in provider', 'PROVIDER')],
    },
  },
  docs: {
    brief: 'Remove the link of a user with a sign-in provider, and end the sessions that came from it',
  },
});

const userRemovePasskey = buildCommand({
  loader: async () => (await import('./remove-passkey.ts')).userRemovePasskey,
  parameters: {
    flags: management,
    positional: {
      kind: 'tuple',
      parameters: [name, argument("Id of the passkey: see 'gatehouse user show NAME'", 'ID')],
    },
  },
  docs: {
    brief: 'Remove a passkey of a user who has lost it',
    fullDescription: withExamples(
      'Removes a passkey of a user who has lost it.\nIf its id begins with a dash, put -- before it.',
      'gatehouse user remove-passkey alice -- -Xy3…',
    ),
  },
});

export const user = buildRouteMap({
  routes: {
    add: userAdd,
    list: userList,
    show: userShow,
    role: userRole,
    set: userSet,
    password: userPassword,
    digestPassword: userDigestPassword,
    'reset-password': userResetPassword,
    totp: userTotp,
    'recovery-codes': userRecoveryCodes,
    'remove-passkey': userRemovePasskey,
    unlink: userUnlink,
    disable: userDisable,
    enable: userEnable,
    remove: userRemove,
  },
  docs: { brief: 'Users: people who sign in with a password' },
});
