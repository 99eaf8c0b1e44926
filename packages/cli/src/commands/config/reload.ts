// `gatehouse config reload`: makes the server read its configuration file again, and prints the changes.
import type { ConfigurationReload } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { summaryLine } from './summary.ts';

export async function configReload(this: CliContext, flags: ManagementFlags): Promise<void> {
  const reload = await withTransport(this, flags, (transport) =>
    transport.call<ConfigurationReload>('POST', '/admin/config/reload'),
  );
  printWarnings(this.process, reload);
  if (flags.json) return printJson(this.process, reload);
  const { changed, needRestart } = reload;
  print(this.process, `in force: ${summaryLine(reload)}`);
  print(this.process, changed.length === 0 ? 'nothing changed' : `changed: ${names(changed)}`);
  if (needRestart.length > 0) print(this.process, `needs a restart: ${names(needRestart)}`);
}

function names(settings: readonly string[]): string {
  return settings.map(visible).join(', ');
}
