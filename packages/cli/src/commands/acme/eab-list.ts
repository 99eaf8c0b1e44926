// `gatehouse acme eab list`: lists the keys for external account binding, without their secrets.
import type { EabKey } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const columns: Column<EabKey>[] = [
  { title: 'KID', of: ({ kid }) => kid },
  { title: 'KIND', of: ({ kind }) => kind },
  { title: 'NAME', of: ({ name }) => name, form: 'text' },
  { title: 'CREATED', of: ({ createdAt }) => createdAt, form: 'time' },
];

export async function eabList(this: CliContext, flags: ManagementFlags): Promise<void> {
  const { keys } = await withTransport(this, flags, (transport) =>
    transport.call<{ keys: EabKey[] }>('GET', '/admin/acme/eab'),
  );
  if (flags.json) return printJson(this.process, keys);
  if (keys.length === 0)
    return remark(
      this.process,
      "no keys for external account binding yet: make one with 'acme eab create NAME'",
    );
  printTable(this, columns, keys);
}
