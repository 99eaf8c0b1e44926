// `gatehouse backup`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, data, force, repeated, toggle, value, withExamples } from '../../flags.ts';

const brief = 'Write an encrypted backup of the data folder';

export const backup = buildCommand({
  loader: async () => (await import('./backup.ts')).backup,
  parameters: {
    flags: {
      passphraseFile: value('File with the passphrase for the backup (default: asks for it)', 'FILE'),
      recipient: repeated('Encrypt the backup to this public key of age, instead of a passphrase', 'AGE1…'),
      recipientsFile: value('File with such public keys, one on each line', 'FILE'),
      force,
      json: toggle('Print one JSON document'),
      data,
    },
    positional: { kind: 'tuple', parameters: [argument('Backup to write', 'FILE')] },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      `${brief}. The server may be running. If no\nserver runs, the command reads the data folder itself.`,
      'gatehouse backup gatehouse.backup --passphrase-file /root/backup.passphrase',
      'gatehouse backup gatehouse.backup --recipients-file /etc/gatehouse/recipients',
    ),
  },
});
