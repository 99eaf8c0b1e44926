// `gatehouse config …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { management, repeated, toggle, value, withExamples } from '../../flags.ts';

const configCheck = buildCommand({
  loader: async () => (await import('./check.ts')).configCheck,
  parameters: {
    flags: {
      upstream: value('As with up', 'URL'),
      set: repeated('As with up', 'KEY=VALUE'),
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          brief: 'Configuration file (default: gatehouse.config.ts or .json in this folder)',
          placeholder: 'FILE',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Print what is wrong with a configuration file; needs no server',
    fullDescription: withExamples(
      'Prints everything that a start would refuse: settings, routes, and the files\nthat they name. Exits with 0 if there is nothing, otherwise with 1.',
      'gatehouse config check',
      'gatehouse config check /etc/gatehouse/gatehouse.config.ts',
    ),
  },
});

const configShow = buildCommand({
  loader: async () => (await import('./show.ts')).configShow,
  parameters: { flags: { all: toggle('Also the settings that have their default'), ...management } },
  docs: { brief: 'Print the settings in force, and where each comes from' },
});

const configReload = buildCommand({
  loader: async () => (await import('./reload.ts')).configReload,
  parameters: { flags: management },
  docs: {
    brief: 'Have the server read its configuration file again',
    fullDescription:
      'Returns when every worker serves what the file says. No request fails by it.\nIf the file is not valid, nothing changes. SIGHUP does the same.',
  },
});

export const config = buildRouteMap({
  routes: { check: configCheck, show: configShow, reload: configReload },
  docs: { brief: 'The configuration: check it, show it, reload it' },
});
