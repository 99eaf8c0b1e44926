// `gatehouse user recovery-codes NAME`: replaces the recovery codes of a user.
import type { RecoveryCodes } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRecoveryCodes(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/recovery-codes`;
  const answer = await withTransport(this, flags, (transport) => transport.call<RecoveryCodes>('POST', path));
  if (flags.json) return printJson(this.process, { name, ...answer });
  for (const code of answer.recovery_codes) print(this.process, visible(code));
}
