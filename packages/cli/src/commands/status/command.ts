// `gatehouse status`: options and help.
import { buildCommand } from '@stricli/core';
import { management } from '../../flags.ts';

export const status = buildCommand({
  loader: async () => (await import('./status.ts')).status,
  parameters: { flags: management },
  docs: { brief: 'Print the state of the running server' },
});
