// `gatehouse pki bundle`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, toggle, value } from '../../../flags.ts';
import { fileArgument, output } from '../options.ts';

export const bundle = buildCommand({
  loader: async () => (await import('./bundle.ts')).pkiBundle,
  parameters: {
    flags: {
      out: value('Write the bundle to this file', 'FILE'),
      list: toggle('Only list the content of the files'),
      any: toggle('Also accept certificates that do not belong to authorities'),
      ...output,
    },
    positional: { kind: 'array', parameter: fileArgument('Certificates, any number in a file'), minimum: 1 },
  },
  docs: explained(
    'Put the root certificates of several files into one file',
    'gatehouse pki bundle root-1.pem root-2.pem --out roots.pem',
    'gatehouse pki bundle roots.pem --list',
  ),
});
