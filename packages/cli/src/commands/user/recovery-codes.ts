// `gatehouse user recovery-codes NAME`: replaces the recovery codes of a user, and prints the new ones.
import type { RecoveryCodes } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { deliverToOutput } from '../../output/deliver.ts';
import { jsonText, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRecoveryCodes(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/recovery-codes`;
  await deliverToOutput<RecoveryCodes>(this, {
    make: () => withTransport(this, flags, (transport) => transport.call('POST', path)),
    textOf: (made) =>
      flags.json ? jsonText({ name, ...made }) : made.recovery_codes.map(visible).join('\n'),
    remedyOf: () =>
      `the earlier codes of ${name} no longer work, and the new ones were not delivered: repeat the command`,
  });
}
