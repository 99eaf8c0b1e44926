// `gatehouse pki p12 …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { explained, value } from '../../../flags.ts';
import { file, fileArgument, output } from '../options.ts';

const exportPair = buildCommand({
  loader: async () => (await import('./export.ts')).p12Export,
  parameters: {
    flags: {
      key: file('The private key'),
      keyPassphraseFile: value('File with the passphrase of the key', 'FILE'),
      cert: file('Its certificate; others may follow in the file'),
      chain: value('More certificates', 'FILE'),
      out: file('Write the PKCS#12 file here'),
      passphraseFile: value('File with the passphrase of the PKCS#12 file (default: asks for it)', 'FILE'),
      friendlyName: value('The name that programs display', 'NAME'),
      ...output,
    },
  },
  docs: explained(
    'Put a key and its certificates into a PKCS#12 file',
    'gatehouse pki p12 export --key www.key --cert www.pem --out www.p12',
  ),
});

const importPair = buildCommand({
  loader: async () => (await import('./import.ts')).p12Import,
  parameters: {
    flags: {
      key: value('Write the private key to this file, which only you can read', 'FILE'),
      keyPassphraseFile: value('Encrypt the key with the passphrase in this file', 'FILE'),
      cert: value("Write the certificates to this file, the key's own first", 'FILE'),
      passphraseFile: value('File with the passphrase of the PKCS#12 file (default: asks for it)', 'FILE'),
      ...output,
    },
    positional: { kind: 'tuple', parameters: [fileArgument('The PKCS#12 file')] },
  },
  docs: explained(
    'Write the key and the certificates of a PKCS#12 file to PEM files',
    'gatehouse pki p12 import www.p12 --key www.key --cert www.pem',
  ),
});

export const p12 = buildRouteMap({
  routes: { export: exportPair, import: importPair },
  docs: { brief: 'PKCS#12 files (.p12, .pfx)' },
});
