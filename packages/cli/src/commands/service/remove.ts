// `gatehouse service remove NAME`: removes a service. Its keys and certificates are refused from then on.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function serviceRemove(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/services/${encodeURIComponent(name)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed service ${visible(name)}, its API keys and certificates`);
}
