// `gatehouse user password NAME`: sets a new password for a user.

import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { passwordSource } from '../../input/secrets.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface UserPasswordFlags extends ManagementFlags {
  passwordStdin?: boolean;
}

export async function userPassword(this: CliContext, flags: UserPasswordFlags, name: string): Promise<void> {
  const readPassword = passwordSource(flags.passwordStdin === true, this.process);
  const path = `/admin/users/${encodeURIComponent(name)}/password`;
  await withTransport(this, flags, async (transport) =>
    transport.call('PUT', path, { password: await readPassword() }),
  );
  if (flags.json) return printJson(this.process, { name, changed: true });
  print(this.process, `changed the password of ${visible(name)}`);
}
