// `gatehouse user add NAME`: adds a user who signs in with a password.
import type { ChangedUser } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { attributesFrom } from '../../input/attributes.ts';
import { passwordSource } from '../../input/secrets.ts';
import { print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface UserAddFlags extends ManagementFlags {
  role: readonly string[];
  attribute?: readonly string[];
  passwordStdin?: boolean;
}

export async function userAdd(this: CliContext, flags: UserAddFlags, name: string): Promise<void> {
  const readPassword = passwordSource(flags.passwordStdin === true, this.process);
  const attributes = flags.attribute && attributesFrom(flags.attribute);
  const user = await withTransport(this, flags, async (transport) =>
    transport.call<ChangedUser>('POST', '/admin/users', {
      name,
      password: await readPassword(),
      roles: flags.role,
      attributes,
    }),
  );
  printWarnings(this.process, user);
  if (flags.json) return printJson(this.process, user);
  print(this.process, `added ${visible(user.name)} with ${user.roles.map(visible).join(', ')}`);
}
