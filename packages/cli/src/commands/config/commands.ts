// `gatehouse config …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { explained, management, repeated, toggle, value, withExamples } from '../../flags.ts';

const configCheck = buildCommand({
  loader: async () => (await import('./check.ts')).configCheck,
  parameters: {
    flags: {
      upstream: value("The API to protect, as with 'gatehouse up'", 'URL'),
      set: repeated("One setting, as with 'gatehouse up'", 'KEY=VALUE'),
      json: toggle('Print one JSON document'),
    },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          brief: 'Configuration file (default: gatehouse.config.ts or .json in the current folder)',
          placeholder: 'FILE',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Print the mistakes in a configuration file, without a server',
    fullDescription: withExamples(
      'Print every mistake in a configuration file that would stop the server: in\nsettings, in routes, and in the files that they name. The exit status is 0 if\nthere is no mistake, 1 if there is one, and 2 if there is no file.',
      'gatehouse config check',
      'gatehouse config check /etc/gatehouse/gatehouse.config.ts',
    ),
  },
});

const configShow = buildCommand({
  loader: async () => (await import('./show.ts')).configShow,
  parameters: { flags: { all: toggle('Also print the settings that have their default'), ...management } },
  docs: explained(
    'Print the settings in force, and the source of each',
    'gatehouse config show',
    'gatehouse config show --all',
  ),
});

const configReload = buildCommand({
  loader: async () => (await import('./reload.ts')).configReload,
  parameters: { flags: management },
  docs: {
    brief: 'Make the server read its configuration file again',
    fullDescription: withExamples(
      'Make the server read its configuration file again. The command returns when\nevery worker serves the new configuration. No request fails because of it. If\nthe file has a mistake, nothing changes. SIGHUP does the same.',
      'gatehouse config reload',
    ),
  },
});

export const config = buildRouteMap({
  routes: { check: configCheck, show: configShow, reload: configReload },
  docs: { brief: 'Check, show or reload the configuration' },
});
