// `gatehouse pki crl`: options and help.
import { buildCommand } from '@stricli/core';
import { REASONS } from '../../../choices.ts';
import { explained, repeated, value } from '../../../flags.ts';
import { authority, file, lifetime, output } from '../options.ts';

export const crl = buildCommand({
  loader: async () => (await import('./crl.ts')).pkiCrl,
  parameters: {
    flags: {
      ...authority,
      out: file('Write the list to this file'),
      previous: value('Last list, whose entries stay in the new one', 'FILE'),
      revoke: repeated('Certificate to revoke: its file or its serial number', 'FILE|SERIAL'),
      reason: {
        kind: 'enum',
        values: REASONS,
        optional: true,
        placeholder: 'REASON',
        brief: 'Reason for the revocations',
      },
      lifetime: lifetime('7d'),
      ...output,
    },
  },
  docs: explained(
    'Make a list of revoked certificates',
    'gatehouse pki crl --ca ca.pem --ca-key ca.key --revoke www.pem --out ca.crl',
  ),
});
