// `gatehouse service show NAME`: one service, and its API keys.
import type { ServiceWithKeys } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { attributeTexts } from '../../output/attributes.ts';
import { printFacts } from '../../output/facts.ts';
import { print, printJson } from '../../output/print.ts';
import { printTable } from '../../output/table.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';
import { ownKeyColumns } from '../key/columns.ts';

export async function serviceShow(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/services/${encodeURIComponent(name)}`;
  const service = await withTransport(this, flags, (transport) =>
    transport.call<ServiceWithKeys>('GET', path),
  );
  if (flags.json) return printJson(this.process, service);
  printFacts(this, [
    ['name', service.name],
    ['roles', service.roles],
    ['attributes', attributeTexts(service.attributes)],
    ['state', service.disabled ? 'disabled' : 'active'],
    ['created', shortTime(service.createdAt)],
    ['keys', service.keys.length],
  ]);
  if (service.keys.length === 0) return;
  print(this.process, '');
  printTable(this, ownKeyColumns, service.keys);
}
