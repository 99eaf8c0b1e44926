// `gatehouse user password NAME`: sets a new password for a user.
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { passwordSource } from '../../secrets.ts';
import { withTransport } from '../../transport.ts';

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
