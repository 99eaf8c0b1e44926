// `gatehouse status`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, management } from '../../flags.ts';

export const status = buildCommand({
  loader: async () => (await import('./status.ts')).status,
  parameters: { flags: management },
  docs: explained(
    'Print the state of the running server',
    'gatehouse status',
    'gatehouse status --server https://gatehouse.example.com:9443 --cacert root.pem',
  ),
});
