// `gatehouse client list`: lists the OAuth clients.
import type { OauthClient } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<OauthClient>[] = [
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'CLIENT ID', of: ({ client_id: id }) => id },
  { title: 'STATE', of: ({ state }) => state, form: 'state' },
  { title: 'GRANTS', of: ({ grants }) => grants, form: 'text' },
  { title: 'SERVICE', of: ({ service }) => service ?? '', form: 'text', leaveOut: 2 },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time', leaveOut: 1 },
];

export async function clientList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const clients = await withTransport(this, flags, (transport) =>
    transport.call<OauthClient[]>('GET', '/admin/clients'),
  );
  if (flags.json) return printJson(this.process, clients);
  if (clients.length === 0)
    return remark(this.process, "no OAuth clients yet: register one with 'client add NAME'");
  printTable(this, columns, clients);
}
