// `gatehouse service list`: lists the services.
import type { Service } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<Service>[] = [
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'ROLES', of: ({ roles }) => roles, form: 'text' },
  { title: 'STATE', of: ({ disabled }) => (disabled ? 'disabled' : 'active'), form: 'state' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time' },
];

export async function serviceList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const services = await withTransport(this, flags, (transport) =>
    transport.call<Service[]>('GET', '/admin/services'),
  );
  if (flags.json) return printJson(this.process, services);
  if (services.length === 0) return remark(this.process, "no services yet: 'key create NAME' registers one");
  printTable(this, columns, services);
}
