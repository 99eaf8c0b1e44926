// `gatehouse acme accounts`: lists the accounts of the ACME server.
import type { AcmeAccount } from '../../connection/admin-api.ts';
import { readPages } from '../../connection/pages.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, table } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function acmeAccounts(this: CliContext, flags: ManagementFlags): Promise<void> {
  const accounts = await withTransport(this, flags, (transport) =>
    readPages<AcmeAccount>(transport, { path: '/admin/acme/accounts', member: 'accounts' }),
  );
  if (flags.json) return printJson(this.process, accounts);
  if (accounts.length === 0) return remark(this.process, 'no ACME client has registered yet');
  const rows = accounts.map((account) => [
    account.id,
    account.owner?.name,
    account.contact,
    account.status,
    account.createdAt,
  ]);
  print(this.process, table(['ID', 'OWNER', 'CONTACT', 'STATUS', 'CREATED'], rows));
}
