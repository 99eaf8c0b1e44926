// `gatehouse key revoke ID`: from now on the key is refused.
import type { ManagementFlags } from '../flags.ts';
import { print, printJson, visible } from '../output.ts';
import type { CliContext } from '../process.ts';
import { withTransport } from '../transport.ts';

export async function keyRevoke(this: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const path = `/admin/keys/${encodeURIComponent(id)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { id, revoked: true });
  print(this.process, `revoked API key ${visible(id)}`);
}
