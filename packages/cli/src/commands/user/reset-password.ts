// `gatehouse user reset-password NAME`: prints a link. The user can use it once, to choose a new password.
import type { PasswordReset } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { deliverToOutput } from '../../output/deliver.ts';
import { jsonText, remark, visible } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function userResetPassword(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/password-reset`;
  const reset = await deliverToOutput<PasswordReset>(this, {
    make: () => withTransport(this, flags, (transport) => transport.call('POST', path)),
    textOf: (made) => (flags.json ? jsonText(made) : visible(made.url)),
    remedyOf: ({ expiresAt }) =>
      `the link was not delivered; it works until ${shortTime(expiresAt)}: repeat the command`,
  });
  if (flags.json) return;
  remark(
    this.process,
    `Give the link only to ${visible(name)}. It works once, until ${shortTime(reset.expiresAt)}.`,
  );
}
