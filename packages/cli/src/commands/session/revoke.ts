// `gatehouse session revoke ID`: from then on, the session is refused everywhere.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function sessionRevoke(this: CliContext, flags: ManagementFlags, id: string): Promise<void> {
  const path = `/admin/sessions/${encodeURIComponent(id)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { id, revoked: true });
  print(this.process, `revoked session ${visible(id)}`);
}
