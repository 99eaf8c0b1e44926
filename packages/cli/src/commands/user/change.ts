// `gatehouse user role|disable|enable NAME`: changes a user. In force everywhere before the command returns.
import type { ChangedUser } from '../../connection/admin-api.ts';
import { setDisabled } from '../../connection/disabled-state.ts';
import type { LastAdministratorFlags } from '../../connection/last-administrator.ts';
import { callGuarded } from '../../connection/last-administrator.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRole(
  this: CliContext,
  flags: LastAdministratorFlags,
  name: string,
  ...roles: string[]
): Promise<void> {
  const call = { method: 'PUT', path: `${pathOf(name)}/roles`, body: { roles } };
  const user = await callGuarded<ChangedUser>(this, flags, call);
  printWarnings(this.process, user);
  if (flags.json) return printJson(this.process, user);
  print(this.process, `${visible(user.name)} has ${user.roles.map(visible).join(', ')}`);
}

export function userDisable(this: CliContext, flags: LastAdministratorFlags, name: string): Promise<void> {
  const effect = 'tokens and certificates are refused';
  const change = { path: pathOf(name), disabled: true, effect, concernsAdministrators: true };
  return setDisabled(this, flags, change);
}

export function userEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const effect = 'certificates are accepted again, new tokens needed';
  return setDisabled(this, flags, { path: pathOf(name), disabled: false, effect });
}

function pathOf(name: string): string {
  return `/admin/users/${encodeURIComponent(name)}`;
}
