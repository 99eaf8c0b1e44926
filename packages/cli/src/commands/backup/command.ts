// `gatehouse backup`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, data, force, repeated, toggle, value, withExamples } from '../../flags.ts';

const brief = 'Write an encrypted backup of the data folder';

export const backup = buildCommand({
  loader: async () => (await import('./backup.ts')).backup,
  parameters: {
    flags: {
      passphraseFile: value('File with the passphrase for the backup (default: asks for it)', 'FILE'),
      recipient: repeated('Encrypt it to this public key of age instead; may be repeated', 'AGE1…'),
      recipientsFile: value('The same for the keys in this file, one a line', 'FILE'),
      force,
      json: toggle('Print one JSON document'),
      data,
    },
    positional: { kind: 'tuple', parameters: [argument('The backup to write', 'FILE')] },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      `${brief}. The server may be\nrunning. If no server runs, the command reads the data folder itself.`,
      'gatehouse backup gatehouse.backup --passphrase-file /root/backup.passphrase',
      'gatehouse backup gatehouse.backup --recipients-file /etc/gatehouse/recipients',
    ),
  },
});
