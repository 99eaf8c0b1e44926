// `gatehouse pki key`: options and help.
import { buildCommand } from '@stricli/core';
import { KEY_TYPES } from '../../../choices.ts';
import { explained, toggle, value } from '../../../flags.ts';
import { file, output } from '../options.ts';

export const key = buildCommand({
  loader: async () => (await import('./key.ts')).pkiKey,
  parameters: {
    flags: {
      type: {
        kind: 'enum',
        values: KEY_TYPES,
        optional: true,
        placeholder: 'KIND',
        brief: 'Kind of key (default: P-256)',
      },
      from: value('Convert this key, in any form, instead of making a new one', 'FILE'),
      fromPassphraseFile: value('File with the passphrase of that key', 'FILE'),
      out: file('Write the private key to this file, which only you can read'),
      public: value('Write the public key to this file', 'FILE'),
      passphraseFile: value('Encrypt the key with the passphrase in this file', 'FILE'),
      passphrase: toggle('Encrypt the key; asks for the passphrase'),
      ...output,
    },
  },
  docs: explained(
    'Make a private key, or convert one',
    'gatehouse pki key --out www.key',
    'gatehouse pki key --type P-384 --passphrase --out ca.key',
    'gatehouse pki key --from old.key --public www.pub --out www.key',
  ),
});
