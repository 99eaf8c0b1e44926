// `gatehouse ca import`: what a root kept elsewhere has signed comes back, and the server issues from it.
import { encodePem } from '@gatehouse/x509';
import type { CertificateAuthorities } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import type { CliContext } from '../../process.ts';
import { readCertificates } from '../pki/read-files.ts';
import { showAuthorities } from './authorities.ts';

export interface CaImportFlags extends ManagementFlags {
  intermediate: string;
  roots: string;
}

export async function caImport(this: CliContext, flags: CaImportFlags): Promise<void> {
  const body = { intermediate: await pemOf(flags.intermediate), roots: await pemOf(flags.roots) };
  await showAuthorities(this, flags, (transport) =>
    transport.call<CertificateAuthorities>('POST', '/admin/ca/import', body),
  );
}

/** Whatever the form of the file, and without what else is in it. */
async function pemOf(path: string): Promise<string> {
  const certificates = await readCertificates(path);
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}
