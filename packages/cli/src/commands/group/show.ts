// `gatehouse group show NAME`: one group and its members.
import type { GroupWithMembers } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function groupShow(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/groups/${encodeURIComponent(name)}`;
  const group = await withTransport(this, flags, (transport) =>
    transport.call<GroupWithMembers>('GET', path),
  );
  if (flags.json) return printJson(this.process, group);
  printFacts(this, [
    ['name', group.name],
    ['roles', group.roles],
    ['members', group.members],
    ['state', group.disabled ? 'disabled' : 'active'],
    ['created', shortTime(group.createdAt)],
  ]);
}
