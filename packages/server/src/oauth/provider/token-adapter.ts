// Lets oidc-provider find access tokens. It does not store them, because they are JWTs. So this adapter reads
// them for introspection, revocation and user information, and revokes them by their ids.
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Database } from '../../platform/store/database.ts';
import type { ActiveToken, ActiveTokens } from '../token/active-token.ts';
import type { Revocations } from '../token/revocations.ts';

/**
 * A mark before a JWT, because oidc-provider does not introspect or revoke a token that it recognises as a
 * JWT. No token of this server contains a tilde.
 */
export const MARK = '~';

export interface TokenAdapterDeps {
  database: Database;
  activeTokens: ActiveTokens;
  revocations: Revocations;
}

export function tokenAdapter(
  { database, activeTokens, revocations }: TokenAdapterDeps,
  kind: 'AccessToken' | 'ClientCredentials',
): Adapter {
  return {
    // A JWT needs no row: its claims have everything.
    async upsert() {},
    async find(value) {
      const isMarked = value.startsWith(MARK);
      const token = await activeTokens.read(isMarked ? value.slice(MARK.length) : value);
      if (!token || kindOf(token) !== kind) return undefined;
      // User information is available for every token with the scope openid.
      return { ...payloadOf(token, kind), ...(isMarked && { aud: token.aud }) } as AdapterPayload;
    },
    async findByUid() {
      return undefined;
    },
    async findByUserCode() {
      return undefined;
    },
    async consume() {},
    destroy: (jti) => database.write((tx) => revocations.revokeToken(tx, jti)),
    async revokeByGrantId(grantId) {
      if (kind !== 'AccessToken') return;
      await database.write((tx) => revocations.revokeGrant(tx, grantId, 'revoked'));
    },
  };
}

function kindOf({ token_epoch: epoch }: ActiveToken): 'AccessToken' | 'ClientCredentials' {
  return epoch === undefined ? 'ClientCredentials' : 'AccessToken';
}

function payloadOf(token: ActiveToken, kind: string): AdapterPayload {
  const { sub, jti, iat, exp, scope, cnf, client_id: clientId, grant_id: grantId } = token;
  const { roles, amr, auth_time, act } = token;
  return {
    kind,
    jti,
    iat,
    exp,
    clientId,
    ...(scope !== undefined && { scope }),
    ...(kind === 'AccessToken' && { accountId: sub, grantId }),
    ...(cnf?.jkt !== undefined && { jkt: cnf.jkt }),
    ...(cnf?.['x5t#S256'] !== undefined && { 'x5t#S256': cnf['x5t#S256'] }),
    extra: { sub, username: sub, roles, amr, auth_time, act },
  } as AdapterPayload;
}
