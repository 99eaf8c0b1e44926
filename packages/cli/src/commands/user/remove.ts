// `gatehouse user remove NAME`: removes a user.

import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRemove(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed ${visible(name)}`);
}
