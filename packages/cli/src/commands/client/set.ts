// `gatehouse client set NAME`: changes an OAuth client.
import type { OauthClient } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { usageError } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { type MetadataFlags, metadataFrom } from './metadata.ts';
import { pathOf, showClient } from './show.ts';

export async function clientSet(
  this: CliContext,
  flags: ManagementFlags & MetadataFlags,
  name: string,
): Promise<void> {
  const change = await metadataFrom(flags);
  if (Object.values(change).every((value) => value === undefined)) {
    throw usageError('say what to change, for example --scope');
  }
  const client = await withTransport(this, flags, (transport) =>
    transport.call<OauthClient>('PUT', pathOf(name), change),
  );
  showClient(this, flags, client);
}
