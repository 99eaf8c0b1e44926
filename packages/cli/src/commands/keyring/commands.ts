// `gatehouse keyring …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, toggle } from '../../flags.ts';

const USE = 'What the key signs: access-token or assertion';

const keyringList = buildCommand({
  loader: async () => (await import('./list.ts')).keyringList,
  parameters: { flags: management },
  docs: { brief: 'List the keys that sign access tokens and assertions' },
});

const keyringRotate = buildCommand({
  loader: async () => (await import('./rotate.ts')).keyringRotate,
  parameters: {
    flags: {
      leaked: toggle('Someone else may have the key: end it now, with all that it signed'),
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument(USE, 'USE')] },
  },
  docs: { brief: 'Replace a signing key; what the old one signed stays valid until it expires' },
});

export const keyring = buildRouteMap({
  routes: { list: keyringList, rotate: keyringRotate },
  docs: { brief: "The server's own signing keys" },
});
