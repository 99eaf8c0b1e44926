// Creates an account for a new person, from the claims of the provider. It never uses an existing account:
// names and e-mail addresses at a provider prove nothing about accounts here.
import { GatehouseError } from '@gatehouse/access';
import { principalName } from '../names.ts';
import type { Claims } from './provider-client.ts';
import type { SignUpSettings } from './provider-settings.ts';

export interface NewAccount {
  name: string;
  roles: string[];
}

/** Throws `account_not_linked` if the settings do not allow it. */
export function accountFor(claims: Claims, settings: SignUpSettings): NewAccount {
  requireDomain(claims, settings.emailDomains);
  return { name: nameIn(claims, settings.nameClaim), roles: rolesFor(claims, settings) };
}

function requireDomain({ email, email_verified: isVerified }: Claims, domains: readonly string[]): void {
  if (domains.length === 0) return;
  if (typeof email !== 'string' || isVerified !== true) {
    throw refused(
      'The provider did not confirm your e-mail address, and accounts are created only for addresses of some domains.',
    );
  }
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (domains.some((each) => each.toLowerCase() === domain)) return;
  throw refused(
    'Accounts are created only for e-mail addresses of some domains, and yours is not one of them.',
  );
}

function nameIn(claims: Claims, claim: string): string {
  const result = principalName.safeParse(claims[claim]);
  if (result.success) return result.data;
  throw refused(`The provider sent no valid name for an account (its claim ${claim}).`);
}

function rolesFor(claims: Claims, { roles, groups, groupsClaim }: SignUpSettings): string[] {
  const named = claims[groupsClaim];
  const given = Array.isArray(named) ? named.filter((group) => typeof group === 'string') : [];
  const more = given.flatMap((group) => (Object.hasOwn(groups, group) ? (groups[group] ?? []) : []));
  const all = [...new Set([...roles, ...more])];
  if (all.length > 0) return all;
  throw refused('Accounts are created only for members of some groups, and you are not in any of them.');
}

function refused(reason: string): GatehouseError {
  return new GatehouseError('account_not_linked', `${reason} Ask an administrator for an account.`);
}
