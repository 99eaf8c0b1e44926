// `gatehouse service set|disable|enable NAME`: changes a service. In force everywhere before the command
// returns.
import type { ChangedService } from '../../connection/admin-api.ts';
import { setDisabled } from '../../connection/disabled-state.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { type AttributeFlags, attributeChange } from '../../input/attributes.ts';
import { attributeTexts } from '../../output/attributes.ts';
import { cell, print, printJson, printWarnings, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export type ServiceSetFlags = ManagementFlags & AttributeFlags;

export async function serviceSet(this: CliContext, flags: ServiceSetFlags, name: string): Promise<void> {
  const change = attributeChange(flags);
  const service = await withTransport(this, flags, (transport) =>
    transport.call<ChangedService>('POST', `${pathOf(name)}/attributes`, change),
  );
  printWarnings(this.process, service);
  if (flags.json) return printJson(this.process, service);
  print(this.process, `${visible(service.name)} has ${cell(attributeTexts(service.attributes))}`);
}

export function serviceDisable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const effect = 'its keys, certificates and OAuth clients are refused';
  return setDisabled(this, flags, { path: pathOf(name), disabled: true, effect });
}

export function serviceEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const effect = 'its keys, certificates and OAuth clients are accepted again';
  return setDisabled(this, flags, { path: pathOf(name), disabled: false, effect });
}

function pathOf(name: string): string {
  return `/admin/services/${encodeURIComponent(name)}`;
}
