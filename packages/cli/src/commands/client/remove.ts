// `gatehouse client remove NAME`: removes an OAuth client. Its tokens are refused from then on.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { pathOf } from './show.ts';

export async function clientRemove(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  await removeClient(this, flags, name);
  if (flags.json) return printJson(this.process, { name, removed: true });
  print(this.process, `removed client ${visible(name)}; its tokens are void`);
}

export function removeClient(context: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  return withTransport(context, flags, (transport) => transport.call('DELETE', pathOf(name)));
}
