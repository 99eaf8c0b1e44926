// `gatehouse keyring …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, toggle } from '../../flags.ts';

const USE = 'access-token, assertion, answer, ledger or master-key';

const keyringList = buildCommand({
  loader: async () => (await import('./list.ts')).keyringList,
  parameters: { flags: management },
  docs: { brief: 'List the keys that sign access tokens, assertions and answers' },
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
  docs: { brief: 'Replace a signing key or the master key; no request fails because of it' },
});

export const keyring = buildRouteMap({
  routes: { list: keyringList, rotate: keyringRotate },
  docs: { brief: "The server's own signing keys, and its master key" },
});
