// `gatehouse ca import`: imports an intermediate that a root elsewhere has signed. From then on, the server
// issues from it. If that destroys the key of the old root, it asks first.
import { encodePem } from '@gatehouse/x509';
import type { CertificateAuthorities, CertificateAuthority } from '../../connection/admin-api.ts';
import { confirmed, type Question } from '../../connection/confirmation.ts';
import type { Transport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { remark } from '../../output/print.ts';
import type { CliContext, CliProcess } from '../../process.ts';
import { showAuthorities } from './authorities.ts';

const QUESTION: Question = { message: 'Destroy the key of the old root?', withoutTerminal: 'refuse' };

export interface CaImportFlags extends ManagementFlags {
  intermediate: string;
  roots: string;
  destroyRootKey?: boolean;
}

interface ImportBody {
  intermediate: string;
  roots: string;
  destroyRootKey?: boolean;
}

export async function caImport(this: CliContext, flags: CaImportFlags): Promise<void> {
  const files = { intermediate: await pemOf(flags.intermediate), roots: await pemOf(flags.roots) };
  const body = flags.destroyRootKey ? { ...files, destroyRootKey: true } : files;
  await showAuthorities(this, flags, async (transport) => {
    const imported = await importConfirmed(transport, body, this.process);
    if (imported.authorities.some(isReplacedRoot)) remark(this.process, NEW_ROOT);
    return imported;
  });
}

const NEW_ROOT =
  'From now on, this server issues certificates below the new root. Clients that trust only the old root need the new one, too (gatehouse ca fetch).';

function importConfirmed(
  transport: Transport,
  body: ImportBody,
  process: CliProcess,
): Promise<CertificateAuthorities> {
  const send = (content: ImportBody) =>
    transport.call<CertificateAuthorities>('POST', '/admin/ca/import', content);
  return confirmed(process, QUESTION, (isConfirmed) =>
    send(isConfirmed ? { ...body, destroyRootKey: true } : body),
  );
}

function isReplacedRoot({ role, state }: CertificateAuthority): boolean {
  return role === 'root' && state === 'retired';
}

/** Only the certificates in a file of any form. */
async function pemOf(path: string): Promise<string> {
  const certificates = await readCertificates(path);
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}
