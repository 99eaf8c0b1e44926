// `gatehouse login`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, management, out, passwordStdin, toggle, value, withExamples } from '../../flags.ts';

const { tokenFile: _, ...signInOptions } = management;

export const login = buildCommand({
  loader: async () => (await import('./login.ts')).login,
  parameters: {
    flags: {
      client: value(
        'Id of the OAuth client, for a sign-in with the browser (default: that of the last sign-in)',
        'ID',
      ),
      device: toggle('Print a code that you type into a browser on any machine'),
      gateway: toggle('Sign in for requests to the gateway instead of management commands'),
      browser: {
        kind: 'boolean',
        optional: true,
        brief: 'Open the browser; --no-browser only prints the address (default: open it on a terminal)',
      },
      passwordStdin,
      codeFile: value('File with the code of the second factor (default: asks for it)', 'FILE'),
      out,
      ...signInOptions,
    },
    positional: {
      kind: 'tuple',
      parameters: [{ ...argument('Name of the user, to sign in with the password', 'NAME'), optional: true }],
    },
  },
  docs: {
    brief: 'Sign in with the browser and store the tokens, or with a password and print one',
    fullDescription: withExamples(
      'Sign in with the browser, and store the tokens for management commands with\n--server. With a NAME: sign in with the password, and print the access token.',
      'gatehouse login --server https://gatehouse.example.com:9443 --client 2f1c…',
      'gatehouse login --device --gateway',
      'gatehouse login alice --out alice.token',
    ),
  },
});
