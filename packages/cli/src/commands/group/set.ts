// `gatehouse group set NAME`: changes the roles and members of a group. In force everywhere before the
// command returns.
import type { ChangedGroup } from '../../connection/admin-api.ts';
import type { LastAdministratorFlags } from '../../connection/last-administrator.ts';
import { callGuarded } from '../../connection/last-administrator.ts';
import { usageError } from '../../exit-status.ts';
import { cell, print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface GroupSetFlags extends LastAdministratorFlags {
  role?: readonly string[];
  noRoles?: boolean;
  addMember?: readonly string[];
  removeMember?: readonly string[];
}

export async function groupSet(this: CliContext, flags: GroupSetFlags, name: string): Promise<void> {
  const { addMember: addMembers = [], removeMember: removeMembers = [] } = flags;
  if (flags.role && flags.noRoles) throw usageError('give --role or --no-roles, not both');
  const roles = flags.noRoles ? [] : flags.role;
  if (roles === undefined && addMembers.length + removeMembers.length === 0) {
    throw usageError('give --role, --no-roles, --add-member or --remove-member');
  }
  const path = `/admin/groups/${encodeURIComponent(name)}`;
  const call = { method: 'POST', path, body: { roles, addMembers, removeMembers } };
  const group = await callGuarded<ChangedGroup>(this, flags, call);
  printWarnings(this.process, group);
  if (flags.json) return printJson(this.process, group);
  print(
    this.process,
    `${visible(group.name)} has the roles ${cell(group.roles)} and the members ${cell(group.members)}`,
  );
}
