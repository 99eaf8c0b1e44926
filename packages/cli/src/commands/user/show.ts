// `gatehouse user show NAME`: one user.
import type { User } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function userShow(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}`;
  const user = await withTransport(this, flags, (transport) => transport.call<User>('GET', path));
  if (flags.json) return printJson(this.process, user);
  printFacts(this, [
    ['name', user.name],
    ['roles', user.roles],
    ['state', user.disabled ? 'disabled' : 'active'],
    ['created', shortTime(user.createdAt)],
  ]);
}
