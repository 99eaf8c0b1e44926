// `gatehouse login`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, management, out, passwordStdin, value } from '../../flags.ts';

const { tokenFile: _, ...signInOptions } = management;

export const login = buildCommand({
  loader: async () => (await import('./login.ts')).login,
  parameters: {
    flags: {
      passwordStdin,
      codeFile: value('File with the code of the second factor; otherwise the terminal is asked', 'FILE'),
      out,
      ...signInOptions,
    },
    positional: { kind: 'tuple', parameters: [argument('Name of the user', 'NAME')] },
  },
  docs: { brief: 'Sign in and print the access token; asks for the password' },
});
