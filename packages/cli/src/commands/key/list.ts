// `gatehouse key list`: lists the API keys, without their secrets.
import type { Key } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, table } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

const columns = ['ID', 'NAME', 'ROLES', 'CREATED', 'EXPIRES', 'LAST USED'];

export async function keyList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const keys = await withTransport(this, flags, (transport) => transport.call<Key[]>('GET', '/admin/keys'));
  if (flags.json) return printJson(this.process, keys);
  if (keys.length === 0) return remark(this.process, "no API keys yet: make one with 'key create NAME'");
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.roles,
    key.createdAt,
    key.expiresAt ?? 'never',
    key.lastUsedAt,
  ]);
  print(this.process, table(columns, rows));
}
