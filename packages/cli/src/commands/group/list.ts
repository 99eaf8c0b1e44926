// `gatehouse group list`: lists the groups.
import type { Group } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<Group>[] = [
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'ROLES', of: ({ roles }) => roles, form: 'text' },
  { title: 'STATE', of: ({ disabled }) => (disabled ? 'disabled' : 'active'), form: 'state' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time' },
];

export async function groupList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const groups = await withTransport(this, flags, (transport) =>
    transport.call<Group[]>('GET', '/admin/groups'),
  );
  if (flags.json) return printJson(this.process, groups);
  if (groups.length === 0) return remark(this.process, "no groups yet: add one with 'group add NAME'");
  printTable(this, columns, groups);
}
