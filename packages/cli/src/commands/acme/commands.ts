// `gatehouse acme …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, management, out } from '../../flags.ts';

const eabCreate = buildCommand({
  loader: async () => (await import('./eab-create.ts')).eabCreate,
  parameters: {
    flags: { out, ...management },
    positional: {
      kind: 'tuple',
      parameters: [argument('User or service that the accounts will belong to', 'NAME')],
    },
  },
  docs: { brief: 'Make a key for external account binding and print it, only this once' },
});

const eabList = buildCommand({
  loader: async () => (await import('./eab-list.ts')).eabList,
  parameters: { flags: management },
  docs: { brief: 'List the keys for external account binding, without their secrets' },
});

const eabRevoke = buildCommand({
  loader: async () => (await import('./eab-revoke.ts')).eabRevoke,
  parameters: {
    flags: management,
    positional: { kind: 'tuple', parameters: [argument("The key's id, as 'acme eab list' shows it", 'KID')] },
  },
  docs: { brief: 'Revoke a key for external account binding' },
});

const accounts = buildCommand({
  loader: async () => (await import('./accounts.ts')).acmeAccounts,
  parameters: { flags: management },
  docs: { brief: 'List the accounts of ACME clients' },
});

export const acme = buildRouteMap({
  routes: {
    eab: buildRouteMap({
      routes: { create: eabCreate, list: eabList, revoke: eabRevoke },
      docs: { brief: 'Keys that bind an ACME account to a user or service (RFC 8555 §7.3.4)' },
    }),
    accounts,
  },
  docs: { brief: 'The keys and accounts of ACME clients' },
});
