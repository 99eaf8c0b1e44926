// `gatehouse pki crl`: options and help.
import { buildCommand } from '@stricli/core';
import { REASONS } from '../../../choices.ts';
import { repeated, value } from '../../../flags.ts';
import { authority, file, lifetime, output } from '../options.ts';

export const crl = buildCommand({
  loader: async () => (await import('./crl.ts')).pkiCrl,
  parameters: {
    flags: {
      ...authority,
      out: file('Write the list to this file'),
      previous: value('The last list, whose entries stay in the new one', 'FILE'),
      revoke: repeated('Certificate to revoke: its file or its serial number', 'FILE|SERIAL'),
      reason: {
        kind: 'enum',
        values: REASONS,
        optional: true,
        placeholder: 'REASON',
        brief: 'Why they are revoked',
      },
      lifetime: lifetime('7d'),
      ...output,
    },
  },
  docs: { brief: 'Make a list of revoked certificates' },
});
