// `gatehouse client disable NAME` and `gatehouse client enable NAME`.
import type { OauthClient } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { pathOf } from './show.ts';

export function clientDisable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  return setDisabled(this, flags, { name, disabled: true });
}

export function clientEnable(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  return setDisabled(this, flags, { name, disabled: false });
}

async function setDisabled(
  context: CliContext,
  flags: ManagementFlags,
  { name, disabled }: { name: string; disabled: boolean },
): Promise<void> {
  const client = await withTransport(context, flags, (transport) =>
    transport.call<OauthClient>('PUT', `${pathOf(name)}/disabled`, { disabled }),
  );
  if (flags.json) return printJson(context.process, client);
  print(context.process, `${disabled ? 'disabled' : 'enabled'} client ${visible(client.name)}`);
}
