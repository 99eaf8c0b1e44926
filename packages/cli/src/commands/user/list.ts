// `gatehouse user list`: lists the users.
import type { User } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, table } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const users = await withTransport(this, flags, (transport) =>
    transport.call<User[]>('GET', '/admin/users'),
  );
  if (flags.json) return printJson(this.process, users);
  if (users.length === 0) return remark(this.process, "no users yet: add one with 'user add NAME'");
  const rows = users.map((user) => [
    user.name,
    user.roles,
    user.disabled ? 'disabled' : 'active',
    user.createdAt,
  ]);
  print(this.process, table(['NAME', 'ROLES', 'STATE', 'CREATED'], rows));
}
