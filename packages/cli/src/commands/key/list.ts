// `gatehouse key list`: lists the API keys, without their secrets.
import type { Key } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<Key>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'ROLES', of: ({ roles }) => roles, form: 'text' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time', leaveOut: 1 },
  { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never', form: 'time' },
  { title: 'LAST USED', of: ({ lastUsedAt }) => lastUsedAt, form: 'time' },
];

export async function keyList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const keys = await withTransport(this, flags, (transport) => transport.call<Key[]>('GET', '/admin/keys'));
  if (flags.json) return printJson(this.process, keys);
  if (keys.length === 0) return remark(this.process, "no API keys yet: make one with 'key create NAME'");
  printTable(this, columns, keys);
}
