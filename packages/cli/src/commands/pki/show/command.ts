// `gatehouse pki show`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, value } from '../../../flags.ts';
import { fileArgument, json } from '../options.ts';

export const show = buildCommand({
  loader: async () => (await import('./show.ts')).pkiShow,
  parameters: {
    flags: {
      passphraseFile: value('File with the passphrase (default: asks for that of a PKCS#12 file)', 'FILE'),
      json,
    },
    positional: {
      kind: 'tuple',
      parameters: [fileArgument('Certificate, request, key, revocation list, bundle or PKCS#12')],
    },
  },
  docs: explained(
    'Print the content of a file with keys or certificates',
    'gatehouse pki show www.pem',
    'gatehouse pki show www.p12 --passphrase-file passphrase',
  ),
});
