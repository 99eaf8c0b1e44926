// The claims about people that the authorization server gives to clients: RFC 9068 §2.2.3.1 and OpenID
// Connect Core §5.
import type { UserFacts } from '@gatehouse/access';
import type { Account } from 'oidc-provider';

export function accountOf(users: ReadonlyMap<string, UserFacts>, name: string): Account | undefined {
  const user = users.get(name);
  if (!user || user.disabled) return undefined;
  return {
    accountId: name,
    // oidc-provider removes the claims that the granted scopes do not cover.
    claims: async () => {
      const { roles = [], groups = [], attributes = {} } = users.get(name) ?? {};
      const { name: displayed = name } = attributes;
      return {
        sub: name,
        name: String(displayed),
        preferred_username: name,
        roles: [...roles],
        groups: [...groups],
      };
    },
  };
}

/** The claims that each scope gives. */
export const CLAIMS_OF_SCOPES = {
  openid: ['sub'],
  profile: ['name', 'preferred_username'],
  roles: ['roles'],
  groups: ['groups'],
};
