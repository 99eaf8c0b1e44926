// `gatehouse user …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import {
  argument,
  attributes,
  explained,
  lastAdministrator,
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
  docs: explained(
    'Add a user; asks for the password',
    'gatehouse user add alice',
    'gatehouse user add bob --role user --role editor --attribute department=sales',
  ),
});

const userList = buildCommand({
  loader: async () => (await import('./list.ts')).userList,
  parameters: { flags: management },
  docs: explained('List the users', 'gatehouse user list'),
});

const userRemove = buildCommand({
  loader: async () => (await import('./remove.ts')).userRemove,
  parameters: {
    flags: { lastAdministrator, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Remove a user, void their tokens, and revoke their certificates',
    'gatehouse user remove alice',
  ),
});

const userPassword = buildCommand({
  loader: async () => (await import('./password.ts')).userPassword,
  parameters: {
    flags: { passwordStdin, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Change the password of a user; asks for the new one',
    'gatehouse user password alice',
    'gatehouse user password alice --password-stdin < password.txt',
  ),
});

const userShow = buildCommand({
  loader: async () => (await import('./show.ts')).userShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Show a user', 'gatehouse user show alice'),
});

const userRole = buildCommand({
  loader: async () => (await import('./change.ts')).userRole,
  parameters: {
    flags: { lastAdministrator, ...management },
    // A tuple of a name and many roles is not among the kinds that stricli has.
    positional: {
      kind: 'array',
      parameter: argument('Name of the user, then all new roles of the user', 'NAME ROLE'),
      minimum: 2,
    },
  },
  docs: explained('Replace the roles of a user; applies at once', 'gatehouse user role alice user editor'),
});

const userDisable = buildCommand({
  loader: async () => (await import('./change.ts')).userDisable,
  parameters: {
    flags: { lastAdministrator, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Refuse a user, their tokens and certificates, until you enable the user',
    'gatehouse user disable alice',
  ),
});

const userEnable = buildCommand({
  loader: async () => (await import('./change.ts')).userEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Let a disabled user sign in again', 'gatehouse user enable alice'),
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
  docs: explained(
    'Make a password for programs (HTTP Digest and Basic), and print it once',
    'gatehouse user digest-password alice --out alice.password',
  ),
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
      'Set and remove attributes of a user. The change applies at once.',
      'gatehouse user set alice --attribute department=sales --attribute level=3',
      'gatehouse user set alice --remove-attribute department',
    ),
  },
});

const userTotp = buildCommand({
  loader: async () => (await import('./totp.ts')).userTotp,
  parameters: {
    flags: { remove: toggle('Switch TOTP off, for a user who has lost the app'), ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Switch on TOTP for a user, and print a QR code for the app and recovery codes',
    'gatehouse user totp alice',
    'gatehouse user totp alice --remove',
  ),
});

const userRecoveryCodes = buildCommand({
  loader: async () => (await import('./recovery-codes.ts')).userRecoveryCodes,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Print new recovery codes for a user; the old ones no longer work',
    'gatehouse user recovery-codes alice',
  ),
});

const userResetPassword = buildCommand({
  loader: async () => (await import('./reset-password.ts')).userResetPassword,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Print a link with which a user chooses a new password; it works once',
    'gatehouse user reset-password alice',
  ),
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
  docs: explained(
    "Remove a user's link with a sign-in provider, and end the sessions from it",
    'gatehouse user unlink alice google',
  ),
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
      'Remove a passkey of a user who has lost it. If the id begins with a dash, put --\nbefore it.',
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
  docs: { brief: 'Users: people who sign in' },
});
