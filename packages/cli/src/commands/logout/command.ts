// `gatehouse logout`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, management, toggle } from '../../flags.ts';

const { tokenFile: _, ...signOutOptions } = management;

export const logout = buildCommand({
  loader: async () => (await import('./logout.ts')).logout,
  parameters: {
    flags: { all: toggle('Sign out of every server'), ...signOutOptions },
  },
  docs: explained(
    "Revoke and remove the tokens of 'gatehouse login' for a server",
    'gatehouse logout',
    'gatehouse logout --all',
  ),
});
