// `gatehouse key list`: lists the API keys, without their secrets.
import type { Key } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';
import { keyColumns } from './columns.ts';

export interface KeyListFlags extends ManagementFlags {
  all?: boolean;
}

export async function keyList(this: CliContext, flags: KeyListFlags): Promise<void> {
  const path = flags.all ? '/admin/keys?revoked=true' : '/admin/keys';
  const keys = await withTransport(this, flags, (transport) => transport.call<Key[]>('GET', path));
  if (flags.json) return printJson(this.process, keys);
  if (keys.length === 0) return remark(this.process, "no API keys yet: make one with 'key create NAME'");
  printTable(this, keyColumns, keys);
}
