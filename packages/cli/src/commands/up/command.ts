// `gatehouse up`: options and help.
import { buildCommand } from '@stricli/core';
import { data, explained, repeated, toggle, value } from '../../flags.ts';

export const up = buildCommand({
  loader: async () => (await import('./up.ts')).up,
  parameters: {
    flags: {
      upstream: value('The API to protect, for example http://127.0.0.1:3000', 'URL'),
      config: value(
        'Configuration file; the word none: use no file (default: gatehouse.config.ts or .json, if there is one)',
        'FILE',
      ),
      data,
      set: repeated('One setting, for example --set gateway.listen=127.0.0.1:8443', 'KEY=VALUE'),
      acceptRollback: toggle('Start even if the database is an older copy; the ledger records it'),
    },
  },
  docs: explained(
    'Run Gatehouse in the foreground',
    'gatehouse up',
    'gatehouse up --upstream http://127.0.0.1:3000',
    'gatehouse up --config gatehouse.config.ts --data /var/lib/gatehouse',
  ),
});
