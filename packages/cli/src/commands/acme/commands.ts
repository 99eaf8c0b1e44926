// `gatehouse acme …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, explained, management, out } from '../../flags.ts';

const eabCreate = buildCommand({
  loader: async () => (await import('./eab-create.ts')).eabCreate,
  parameters: {
    flags: { out, ...management },
    positional: {
      kind: 'tuple',
      parameters: [argument('User or service that the accounts will belong to', 'NAME')],
    },
  },
  docs: explained(
    'Make a key for external account binding (EAB), and print it once',
    'gatehouse acme eab create robot --out robot.eab',
  ),
});

const eabList = buildCommand({
  loader: async () => (await import('./eab-list.ts')).eabList,
  parameters: { flags: management },
  docs: explained(
    'List the keys for external account binding (EAB), without their secrets',
    'gatehouse acme eab list',
  ),
});

const eabRevoke = buildCommand({
  loader: async () => (await import('./eab-revoke.ts')).eabRevoke,
  parameters: {
    flags: management,
    positional: {
      kind: 'tuple',
      parameters: [argument("Id of the key: see 'gatehouse acme eab list'", 'KID')],
    },
  },
  docs: explained(
    'Revoke a key for external account binding (EAB)',
    'gatehouse acme eab revoke 2ubdimovt752s5jm',
  ),
});

const accounts = buildCommand({
  loader: async () => (await import('./accounts.ts')).acmeAccounts,
  parameters: { flags: management },
  docs: explained('List the accounts of ACME clients', 'gatehouse acme accounts'),
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
