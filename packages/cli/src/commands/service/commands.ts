// `gatehouse service …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, attributes, management, repeated } from '../../flags.ts';

const name = argument('Name of the service', 'NAME');

const add = buildCommand({
  loader: async () => (await import('./add.ts')).serviceAdd,
  parameters: {
    flags: { role: repeated('Role to give (default: user)', 'ROLE'), ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Register a service; its first key or certificate does that, too' },
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).serviceList,
  parameters: { flags: management },
  docs: { brief: 'List the services' },
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).serviceShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Show a service and its API keys' },
});

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).serviceRemove,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Remove a service, and revoke its API keys and certificates' },
});

const set = buildCommand({
  loader: async () => (await import('./change.ts')).serviceSet,
  parameters: {
    flags: { ...attributes, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Set and remove attributes of a service; applies at once' },
});

const disable = buildCommand({
  loader: async () => (await import('./change.ts')).serviceDisable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Refuse the keys and certificates of a service, until it is enabled' },
});

const enable = buildCommand({
  loader: async () => (await import('./change.ts')).serviceEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: { brief: 'Accept the keys and certificates of a disabled service again' },
});

export const service = buildRouteMap({
  routes: { add, list, show, set, disable, enable, remove },
  docs: { brief: 'Services: programs with API keys or client certificates' },
});
