// `gatehouse pki show`: options and help.
import { buildCommand } from '@stricli/core';
import { value } from '../../../flags.ts';
import { fileArgument, json } from '../options.ts';

export const show = buildCommand({
  loader: async () => (await import('./show.ts')).pkiShow,
  parameters: {
    flags: { passphraseFile: value('File with the passphrase', 'FILE'), json },
    positional: {
      kind: 'tuple',
      parameters: [fileArgument('Certificate, request, key, revocation list, bundle or PKCS#12')],
    },
  },
  docs: { brief: 'Print the content of a file' },
});
