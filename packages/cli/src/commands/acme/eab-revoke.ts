// `gatehouse acme eab revoke KID`: no account is bound with this key from now on.
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { withTransport } from '../../transport.ts';

export async function eabRevoke(this: CliContext, flags: ManagementFlags, kid: string): Promise<void> {
  const path = `/admin/acme/eab/${encodeURIComponent(kid)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { kid, revoked: true });
  print(this.process, `revoked key ${cell(kid)}`);
}
