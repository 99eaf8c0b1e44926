// `gatehouse pki csr`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, repeated } from '../../../flags.ts';
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
  docs: explained(
    'Make a certificate request',
    'gatehouse pki csr --key www.key --name www.example.com --out www-csr.pem',
  ),
});
