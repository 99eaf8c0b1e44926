// `gatehouse user role|disable|enable NAME`: changes a user. In force everywhere before the command returns.
import type { ChangedUser, User } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRole(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
  ...roles: string[]
): Promise<void> {
  const user = await change(this, flags, { name, member: 'roles', value: roles });
  if (user) print(this.process, `${visible(user.name)} has ${user.roles.map(visible).join(', ')}`);
}

export async function userDisable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const user = await change(this, flags, { name, member: 'disabled', value: true });
  if (user) print(this.process, `disabled ${visible(user.name)}: tokens and certificates are refused`);
}

export async function userEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const user = await change(this, flags, { name, member: 'disabled', value: false });
  if (user)
    print(this.process, `enabled ${visible(user.name)}: certificates are accepted again, new tokens needed`);
}

interface Change {
  name: string;
  member: 'roles' | 'disabled';
  value: unknown;
}

/** Prints the user with --json, and otherwise returns them. */
async function change(
  context: CliContext,
  flags: ManagementFlags,
  { name, member, value }: Change,
): Promise<User | undefined> {
  const path = `/admin/users/${encodeURIComponent(name)}/${member}`;
  const user = await withTransport(context, flags, (transport) =>
    transport.call<User & Partial<ChangedUser>>('PUT', path, { [member]: value }),
  );
  printWarnings(context.process, user);
  if (!flags.json) return user;
  printJson(context.process, user);
  return undefined;
}
