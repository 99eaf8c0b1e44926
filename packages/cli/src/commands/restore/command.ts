// `gatehouse restore`: options and help.
import { buildCommand } from '@stricli/core';
import { argument, data, toggle, value, withExamples } from '../../flags.ts';

const brief = 'Restore a backup into a new data folder';

export const restore = buildCommand({
  loader: async () => (await import('./restore.ts')).restore,
  parameters: {
    flags: {
      data,
      passphraseFile: value('File with the passphrase of the backup (default: asks for it)', 'FILE'),
      identityFile: value('File with the secret key of a recipient (AGE-SECRET-KEY-1…)', 'FILE'),
      json: toggle('Print one JSON document'),
    },
    positional: { kind: 'tuple', parameters: [argument('Backup to restore', 'FILE')] },
  },
  docs: {
    brief,
    fullDescription: withExamples(
      `${brief}. The command overwrites nothing. If it\nfails, it leaves nothing behind.`,
      'gatehouse restore gatehouse.backup --data ./new --passphrase-file passphrase',
      'gatehouse restore gatehouse.backup --data ./new --identity-file key.txt',
    ),
  },
});
