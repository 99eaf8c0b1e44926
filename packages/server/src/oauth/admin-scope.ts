// The scope of tokens for the admin API. Only a client that an administrator registered with this scope gets
// such tokens, and only in the name of a person, who sees this on the page. All other tokens of OAuth are for
// the gateway.
import type { Policy, Principal } from '@gatehouse/access';
import { FIRST_PARTY_CLIENT, GatehouseError } from '@gatehouse/access';

export const ADMIN_SCOPE = 'gatehouse:admin';

/** Clients that register themselves never have it. */
export function withoutAdminScope(scopes: readonly string[]): string[] {
  return scopes.filter((scope) => scope !== ADMIN_SCOPE);
}

/** Whether `scope` asks for tokens for the admin API. */
export function asksForAdministration(scope: unknown): boolean {
  return String(scope ?? '')
    .split(' ')
    .includes(ADMIN_SCOPE);
}

/** Throws `forbidden` for a token of a client that has no such scope. */
export function requireAdminScope({ tokenOrigin, scopes }: Principal): void {
  if (!isDelegated({ tokenOrigin })) return;
  if (scopes.includes(ADMIN_SCOPE)) return;
  throw new GatehouseError(
    'forbidden',
    `This token does not have the scope ${ADMIN_SCOPE}, which the admin API requires: sign in again with this scope.`,
  );
}

const OWN_ACCOUNT = 'account:';

/**
 * The same policy, except that a program that acts for a person must not change how that person signs in.
 * Otherwise it could still have access after its token has expired.
 */
export function withoutOwnAccount(policy: Policy): Policy {
  return {
    decide(request) {
      const { action, principal } = request;
      const isOwn = action.startsWith(OWN_ACCOUNT) && action !== 'account:SignOut';
      if (!isOwn || !isDelegated(principal)) return policy.decide(request);
      return { allowed: false, reason: 'a program acts for the person', policies: [], alarms: [] };
    },
  };
}

/** Whether the credential is a token of an OAuth client, and not of our own sign-in. */
function isDelegated({ tokenOrigin }: Pick<Principal, 'tokenOrigin'>): boolean {
  return tokenOrigin !== undefined && tokenOrigin.client !== FIRST_PARTY_CLIENT;
}
