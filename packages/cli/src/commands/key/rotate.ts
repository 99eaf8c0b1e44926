// `gatehouse key rotate ID`: replaces a key; the old one is still accepted for a while. Writes the new key as
// `key create` does.
import type { RotatedKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { deliverKey } from './create.ts';
import { parseId } from './revoke.ts';

export interface KeyRotateFlags extends ManagementFlags {
  /** Seconds. */
  overlap: number;
  out?: string;
}

export async function keyRotate(this: CliContext, flags: KeyRotateFlags, key: string): Promise<void> {
  const path = `/admin/keys/${encodeURIComponent(parseId(key))}/rotate`;
  const make = () =>
    withTransport(this, flags, (transport) =>
      transport.call<RotatedKey>('POST', path, { overlapSeconds: flags.overlap }),
    );
  await deliverKey(this, flags, {
    make,
    remarkOf: ({ replaces }) => `The old key ${replaces.id} is accepted until ${replaces.expiresAt}.`,
  });
}
