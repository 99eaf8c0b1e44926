// `gatehouse service …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, attributes, explained, management, repeated } from '../../flags.ts';

const name = argument('Name of the service', 'NAME');

const add = buildCommand({
  loader: async () => (await import('./add.ts')).serviceAdd,
  parameters: {
    flags: { role: repeated('Role of the service (default: user)', 'ROLE'), ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Add a service; its first key or certificate adds it, too',
    'gatehouse service add robot --role user',
  ),
});

const list = buildCommand({
  loader: async () => (await import('./list.ts')).serviceList,
  parameters: { flags: management },
  docs: explained('List the services', 'gatehouse service list'),
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).serviceShow,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained('Show a service and its API keys', 'gatehouse service show robot'),
});

const remove = buildCommand({
  loader: async () => (await import('./remove.ts')).serviceRemove,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Remove a service, and revoke its API keys and certificates',
    'gatehouse service remove robot',
  ),
});

const set = buildCommand({
  loader: async () => (await import('./change.ts')).serviceSet,
  parameters: {
    flags: { ...attributes, ...management },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: explained(
    'Set and remove attributes of a service; applies at once',
    'gatehouse service set robot --attribute department=sales',
  ),
});

const disable = buildCommand({
  loader: async () => (await import('./change.ts')).serviceDisable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Refuse the keys and certificates of a service, until you enable the service',
    'gatehouse service disable robot',
  ),
});

const enable = buildCommand({
  loader: async () => (await import('./change.ts')).serviceEnable,
  parameters: { flags: management, positional: { kind: 'tuple', parameters: [name] } },
  docs: explained(
    'Accept the keys and certificates of a disabled service again',
    'gatehouse service enable robot',
  ),
});

export const service = buildRouteMap({
  routes: { add, list, show, set, disable, enable, remove },
  docs: { brief: 'Services: programs with API keys or client certificates' },
});
