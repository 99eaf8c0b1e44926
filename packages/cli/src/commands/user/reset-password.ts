// `gatehouse user reset-password NAME`: prints a link with which the user chooses a new password, once.
import type { PasswordReset } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, visible } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function userResetPassword(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/password-reset`;
  const reset = await withTransport(this, flags, (transport) => transport.call<PasswordReset>('POST', path));
  if (flags.json) return printJson(this.process, reset);
  remark(
    this.process,
    `Give this link to ${visible(name)} alone. It works once, until ${shortTime(reset.expiresAt)}:`,
  );
  print(this.process, visible(reset.url));
}
