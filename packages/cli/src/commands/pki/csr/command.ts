// `gatehouse pki csr`: options and help.
import { buildCommand } from '@stricli/core';
import { repeated } from '../../../flags.ts';
import { file, keyPassphrase, output, subject } from '../options.ts';

export const csr = buildCommand({
  loader: async () => (await import('./csr.ts')).pkiCsr,
  parameters: {
    flags: {
      key: file('The private key of the certificate'),
      passphraseFile: keyPassphrase,
      out: file('Write the request to this file'),
      name: repeated('A name: DNS name, IP address, e-mail address or URI', 'NAME'),
      ...subject,
      ...output,
    },
  },
  docs: { brief: 'Make a certificate request' },
});
