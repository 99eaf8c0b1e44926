// `gatehouse ca show`: prints the root, the intermediates and their public addresses.
import type { CertificateAuthorities } from '../../connection/admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { showAuthorities } from './authorities.ts';

export async function caShow(this: CliContext, flags: ManagementFlags): Promise<void> {
  await showAuthorities(this, flags, (transport) =>
    transport.call<CertificateAuthorities>('GET', '/admin/ca'),
  );
}
