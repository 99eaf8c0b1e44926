// `gatehouse acme eab revoke KID`: from then on, no account can be bound with this key.

import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function eabRevoke(this: CliContext, flags: ManagementFlags, kid: string): Promise<void> {
  await revokeEabKey(this, flags, kid);
  if (flags.json) return printJson(this.process, { kid, revoked: true });
  print(this.process, `revoked key ${cell(kid)}`);
}

export function revokeEabKey(context: CliContext, flags: ManagementFlags, kid: string): Promise<void> {
  const path = `/admin/acme/eab/${encodeURIComponent(kid)}`;
  return withTransport(context, flags, (transport) => transport.call('DELETE', path));
}
