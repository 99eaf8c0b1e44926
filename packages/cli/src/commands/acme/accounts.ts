// `gatehouse acme accounts`: lists the accounts of the ACME server.
import type { AcmeAccount } from '../../connection/admin-api.ts';
import { readPages } from '../../connection/pages.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<AcmeAccount>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'OWNER', of: ({ owner }) => owner?.name, form: 'text', least: 14 },
  { title: 'CONTACT', of: ({ contact }) => contact, form: 'text', least: 14 },
  { title: 'STATUS', of: ({ status }) => status, form: 'state' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time', leaveOut: 1 },
];

export async function acmeAccounts(this: CliContext, flags: ManagementFlags): Promise<void> {
  const accounts = await withTransport(this, flags, (transport) =>
    readPages<AcmeAccount>(transport, { path: '/admin/acme/accounts', member: 'accounts' }),
  );
  if (flags.json) return printJson(this.process, accounts);
  if (accounts.length === 0) return remark(this.process, 'no ACME client has registered yet');
  printTable(this, columns, accounts);
}
