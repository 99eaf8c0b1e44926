// `gatehouse keyring list`: lists the server's signing keys, without their secrets.
import type { SigningKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { showSigningKeys } from './signing-keys.ts';

export async function keyringList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const keys = await withTransport(this, flags, (transport) =>
    transport.call<SigningKey[]>('GET', '/admin/keyring'),
  );
  showSigningKeys(this, flags, keys);
}
