// `gatehouse keyring rotate USE`: replaces a signing key.
import type { SigningKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { showSigningKeys } from './signing-keys.ts';

export async function keyringRotate(
  this: CliContext,
  flags: ManagementFlags & { leaked?: boolean },
  use: string,
): Promise<void> {
  const keys = await withTransport(this, flags, (transport) =>
    transport.call<SigningKey[]>('POST', '/admin/keyring/rotate', { use, leaked: flags.leaked === true }),
  );
  showSigningKeys(this, flags, keys);
}
