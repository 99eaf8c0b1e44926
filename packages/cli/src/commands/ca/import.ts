// `gatehouse ca import`: what a root kept elsewhere has signed comes back, and the server issues from it.
import { encodePem } from '@gatehouse/x509';
import type { CertificateAuthorities, CertificateAuthority } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { remark } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { readCertificates } from '../pki/read-files.ts';
import { showAuthorities } from './authorities.ts';

export interface CaImportFlags extends ManagementFlags {
  intermediate: string;
  roots: string;
}

export async function caImport(this: CliContext, flags: CaImportFlags): Promise<void> {
  const body = { intermediate: await pemOf(flags.intermediate), roots: await pemOf(flags.roots) };
  await showAuthorities(this, flags, async (transport) => {
    const shown = await transport.call<CertificateAuthorities>('POST', '/admin/ca/import', body);
    if (shown.authorities.some(isReplacedRoot)) remark(this.process, NEW_ROOT);
    return shown;
  });
}

const NEW_ROOT =
  'From now on this server shows certificates below the new root: clients that trust only the old one need it too (gatehouse ca fetch).';

function isReplacedRoot({ role, state }: CertificateAuthority): boolean {
  return role === 'root' && state === 'retired';
}

/** Whatever the form of the file, and without what else is in it. */
async function pemOf(path: string): Promise<string> {
  const certificates = await readCertificates(path);
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}
