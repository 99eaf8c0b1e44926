// `gatehouse ca rotate`: from then on, a new intermediate signs. Certificates of the old one stay valid.
import type { CertificateAuthorities } from '../../connection/admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { showAuthorities } from './authorities.ts';

export async function caRotate(this: CliContext, flags: ManagementFlags): Promise<void> {
  await showAuthorities(this, flags, async (transport) => {
    await transport.call('POST', '/admin/ca/rotate', {});
    return transport.call<CertificateAuthorities>('GET', '/admin/ca');
  });
}
