// `gatehouse group remove NAME`: removes a group. Its members stay users, without its roles.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function groupRemove(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/groups/${encodeURIComponent(name)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed group ${visible(name)}`);
}
