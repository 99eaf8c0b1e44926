// `gatehouse up`: options and help.
import { buildCommand } from '@stricli/core';
import { data, repeated, toggle, value } from '../../flags.ts';

export const up = buildCommand({
  loader: async () => (await import('./up.ts')).up,
  parameters: {
    flags: {
      upstream: value('The API to protect, for example http://127.0.0.1:3000', 'URL'),
      config: value(
        'Configuration file, or none (default: gatehouse.config.ts or .json, if there is one)',
        'FILE',
      ),
      data,
      set: repeated('One setting, for example --set gateway.listen=127.0.0.1:8443', 'KEY=VALUE'),
      acceptRollback: toggle('Start even if the database is an older copy; the ledger records it'),
    },
  },
  docs: { brief: 'Run Gatehouse in the foreground' },
});
