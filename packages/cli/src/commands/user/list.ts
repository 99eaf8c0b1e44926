// `gatehouse user list`: lists the users.
import type { User } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<User>[] = [
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'ROLES', of: ({ roles }) => roles, form: 'text' },
  { title: 'STATE', of: ({ disabled }) => (disabled ? 'disabled' : 'active'), form: 'state' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time' },
];

export async function userList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const users = await withTransport(this, flags, (transport) =>
    transport.call<User[]>('GET', '/admin/users'),
  );
  if (flags.json) return printJson(this.process, users);
  if (users.length === 0) return remark(this.process, "no users yet: add one with 'user add NAME'");
  printTable(this, columns, users);
}
