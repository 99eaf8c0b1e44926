// `gatehouse user unlink NAME PROVIDER`: removes the link of a user with a sign-in provider.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userUnlink(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
  provider: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/providers/${encodeURIComponent(provider)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { name, provider, removed: true });
  print(this.process, `removed the link of ${visible(name)} with ${visible(provider)}`);
}
