// `gatehouse pki ca`: options and help.
import { buildCommand } from '@stricli/core';
import { explained, repeated } from '../../../flags.ts';
import { file, keyPassphrase, lifetime, output, subject } from '../options.ts';

export const ca = buildCommand({
  loader: async () => (await import('./ca.ts')).pkiCa,
  parameters: {
    flags: {
      key: file('Its private key'),
      passphraseFile: keyPassphrase,
      out: file('Write the certificate to this file'),
      ...subject,
      lifetime: lifetime('3650d'),
      pathLength: {
        kind: 'parsed',
        parse: parsePathLength,
        optional: true,
        brief: 'How many levels of authorities may be below it (default: any number)',
        placeholder: 'N',
      },
      permit: repeated(
        'The only names that it may sign: example.com and below, 10.0.0.0/8, or email:example.com',
        'NAMES',
      ),
      exclude: repeated('Names that it must not sign', 'NAMES'),
      ...output,
    },
  },
  docs: explained(
    'Make the certificate of a root authority',
    "gatehouse pki ca --key ca.key --common-name 'Example Root' --out ca.pem",
  ),
});

function parsePathLength(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new TypeError('expected a number from 0 to 99');
  return Number(text);
}
