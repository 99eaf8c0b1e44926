// `gatehouse service add NAME`: registers a service.
import type { CreatedService } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export interface ServiceAddFlags extends ManagementFlags {
  role?: readonly string[];
}

export async function serviceAdd(this: CliContext, flags: ServiceAddFlags, name: string): Promise<void> {
  const service = await withTransport(this, flags, (transport) =>
    transport.call<CreatedService>('POST', '/admin/services', { name, roles: flags.role }),
  );
  printWarnings(this.process, service);
  if (flags.json) return printJson(this.process, service);
  print(this.process, `added service ${visible(service.name)} with ${service.roles.map(visible).join(', ')}`);
}
