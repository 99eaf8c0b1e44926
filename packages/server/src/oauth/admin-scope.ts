// The scope of tokens for the admin API. Only a client that an administrator registered with it gets such
// tokens, and only in the name of a person, who is told so. All other tokens of OAuth are for the gateway.
import type { Principal } from '@gatehouse/access';
import { FIRST_PARTY_CLIENT, GatehouseError } from '@gatehouse/access';

export const ADMIN_SCOPE = 'gatehouse:admin';

/** Clients that come by themselves never have it. */
export function withoutAdminScope(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope !== ADMIN_SCOPE);
}

/** Throws `forbidden` for a token of a client that has no such scope. */
export function requireAdminScope({ tokenOrigin, scopes }: Principal): void {
  if (tokenOrigin === undefined || tokenOrigin.client === FIRST_PARTY_CLIENT) return;
  if (scopes.includes(ADMIN_SCOPE)) return;
  throw new GatehouseError(
    'forbidden',
    `This token has no scope ${ADMIN_SCOPE}, so it does not open the admin API: sign in with it.`,
  );
}
