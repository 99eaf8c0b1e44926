// `gatehouse key …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, out, role } from '../../flags.ts';
import { parseDuration } from '../../input/duration.ts';

const keyCreate = buildCommand({
  loader: async () => (await import('./create.ts')).keyCreate,
  parameters: {
    flags: {
      role,
      expiresIn: {
        kind: 'parsed',
        parse: parseDuration,
        optional: true,
        brief: 'Lifetime, for example 90d (default: no end)',
        placeholder: 'DURATION',
      },
      out,
      ...management,
    },
    positional: { kind: 'tuple', parameters: [argument('What the key is for', 'NAME')] },
  },
  docs: { brief: 'Make an API key and print it, only this once' },
});

const keyList = buildCommand({
  loader: async () => (await import('./list.ts')).keyList,
  parameters: { flags: management },
  docs: { brief: 'List the API keys, without their secrets' },
});

const keyRevoke = buildCommand({
  loader: async () => (await import('./revoke.ts')).keyRevoke,
  parameters: {
    flags: management,
    positional: { kind: 'tuple', parameters: [argument("The key's id, as 'key list' shows it", 'ID')] },
  },
  docs: { brief: 'Revoke an API key' },
});

export const key = buildRouteMap({
  routes: { create: keyCreate, list: keyList, revoke: keyRevoke },
  docs: { brief: 'API keys, for programs' },
});
