// `gatehouse user remove NAME`: removes a user.

import type { LastAdministratorFlags } from '../../connection/last-administrator.ts';
import { callGuarded } from '../../connection/last-administrator.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRemove(
  this: CliContext,
  flags: LastAdministratorFlags,
  name: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}`;
  await callGuarded(this, flags, { method: 'DELETE', path });
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed ${visible(name)}`);
}
