// `gatehouse keyring …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, explained, management, toggle } from '../../flags.ts';

const USE = 'Which key: access-token, assertion, answer, ledger or master-key';

const keyringList = buildCommand({
  loader: async () => (await import('./list.ts')).keyringList,
  parameters: { flags: management },
  docs: explained("List the server's signing keys", 'gatehouse keyring list'),
});

const keyringRotate = buildCommand({
  loader: async () => (await import('./rotate.ts')).keyringRotate,
  parameters: {
    flags: {
      leaked: toggle('Someone else may have the key: refuse it and everything that it signed, at once'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument(USE, 'USE')] },
  },
  docs: explained(
    'Replace a signing key or the master key; no request fails because of it',
    'gatehouse keyring rotate access-token',
    'gatehouse keyring rotate access-token --leaked',
  ),
});

export const keyring = buildRouteMap({
  routes: { list: keyringList, rotate: keyringRotate },
  docs: { brief: "The server's own signing keys, and its master key" },
});
