// `gatehouse group add NAME`: creates a group.
import type { ChangedGroup } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface GroupAddFlags extends ManagementFlags {
  role?: readonly string[];
  member?: readonly string[];
}

export async function groupAdd(this: CliContext, flags: GroupAddFlags, name: string): Promise<void> {
  const { role: roles = [], member: members = [] } = flags;
  const group = await withTransport(this, flags, (transport) =>
    transport.call<ChangedGroup>('POST', '/admin/groups', { name, roles, members }),
  );
  printWarnings(this.process, group);
  if (flags.json) return printJson(this.process, group);
  print(this.process, `added group ${visible(group.name)} with the roles ${cell(group.roles)}`);
}
