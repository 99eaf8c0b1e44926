// `gatehouse user remove-passkey NAME ID`: removes a passkey of a user who has lost it.
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function userRemovePasskey(
  this: CliContext,
  flags: ManagementFlags,
  name: string,
  id: string,
): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}/passkeys/${encodeURIComponent(id)}`;
  await withTransport(this, flags, (transport) => transport.call('DELETE', path));
  if (flags.json) return printJson(this.process, { name, id, removed: true });
  print(this.process, `removed a passkey of ${visible(name)}`);
}
