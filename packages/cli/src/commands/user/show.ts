// `gatehouse user show NAME`: one user.
import type { UserDetails } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { attributeTexts } from '../../output/attributes.ts';
import { printFacts } from '../../output/facts.ts';
import { printJson } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';
import type { CliContext } from '../../process.ts';

export async function userShow(this: CliContext, flags: ManagementFlags, name: string): Promise<void> {
  const path = `/admin/users/${encodeURIComponent(name)}`;
  const user = await withTransport(this, flags, (transport) => transport.call<UserDetails>('GET', path));
  if (flags.json) return printJson(this.process, user);
  printFacts(this, [
    ['name', user.name],
    ['roles', user.roles],
    ['groups', user.groups],
    ['with groups', user.effectiveRoles],
    ['attributes', attributeTexts(user.attributes)],
    ['TOTP', user.totpSince === null ? 'off' : `since ${shortTime(user.totpSince)}`],
    ['recovery codes', user.recoveryCodesLeft],
    ['passkeys', user.passkeys.map(passkeyText)],
    ['providers', user.providers.map(linkText)],
    ['state', user.disabled ? 'disabled' : 'active'],
    ['created', shortTime(user.createdAt)],
  ]);
}

/** Such as `Phone (AbC…), since 2030-01-31 12:00`. */
function passkeyText({ id, name, createdAt }: UserDetails['passkeys'][number]): string {
  return `${name} (${id}), since ${shortTime(createdAt)}`;
}

/** Such as `keycloak as alice@example.com, since 2030-01-31 12:00`. */
function linkText({ provider, label, subject, linkedAt }: UserDetails['providers'][number]): string {
  return `${provider} as ${label ?? subject}, since ${shortTime(linkedAt)}`;
}
