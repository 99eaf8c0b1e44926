// `gatehouse client show NAME`: one OAuth client, without its secret.
import type { OauthClient } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function clientShow(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const client = await withTransport(this, flags, (transport) =>
    transport.call<OauthClient>('GET', pathOf(name)),
  );
  showClient(this, flags, client);
}

export function pathOf(name: string): string {
  return `/admin/clients/${encodeURIComponent(name)}`;
}

export function showClient(context: CliContext, flags: ManagementFlags, client: OauthClient): void {
  if (flags.json) {
    printJson(context.process, client);
    return;
  }
  const listed = (values: readonly string[]) => (values.length > 0 ? values : undefined);
  printFacts(context, [
    ['name', client.name],
    ['client_id', client.client_id],
    ['state', client.state],
    ['service', client.service ?? undefined],
    ['grants', client.grants],
    ['authentication', client.authMethod],
    ['redirect URIs', listed(client.redirectUris)],
    ['scopes', listed(client.scopes)],
    ['back-channel logout', client.backchannelLogoutUri ?? undefined],
    ['created', shortTime(client.createdAt)],
  ]);
}
