// Completes the access tokens of oidc-provider with the claims that the gateway checks, and records each in
// the ledger before it is sent.
import type { ServiceFacts, UserFacts } from '@gatehouse/access';
import { authenticationClass } from '@gatehouse/access';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database, Tx } from '../../platform/store/database.ts';
import type { KnownClients } from '../client/known-clients.ts';
import { oauthEvent } from '../events.ts';
import { keyOf } from '../store/artifact-key.ts';
import type { OauthStore } from '../store/store.ts';
import { OauthError } from './oauth-error.ts';

export interface IssuedTokensDeps {
  database: Database;
  events: Events;
  knownClients: KnownClients;
  users: ReadonlyMap<string, UserFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
  store: Pick<OauthStore, 'artifact'>;
}

export interface IssuedTokens {
  /** Throws `OauthError` if the client, the person or their grant was removed since the request came. */
  complete(ctx: KoaContextWithOIDC, token: object, jwt: { payload?: object }): Promise<undefined>;
}

interface Payload {
  sub: string;
  jti: string;
  client_id: string;
  scope?: string;
  aud?: string;
  [claim: string]: unknown;
}

export function createIssuedTokens(deps: IssuedTokensDeps): IssuedTokens {
  const { database, events, knownClients, users, services, store } = deps;

  /**
   * A person who gets another password or is removed loses the grants. Without this check, a token that is
   * made at that moment would have the new epoch, and stay valid.
   */
  async function requireGrant(tx: Tx, grantId: string): Promise<void> {
    if (!(await store.artifact(tx, keyOf('Grant', grantId)))) throw ended('grant');
  }

  return {
    async complete(ctx, token, jwt) {
      const payload = jwt.payload as Payload;
      const { accountId, grantId } = token as { accountId?: string; grantId?: string };
      const known = await knownClients.find(payload.client_id);
      if (!known) throw ended('client');
      const { service, epoch } = known.client;
      payload.client_epoch = epoch;
      if (accountId === undefined) {
        payload.sub = service ?? payload.sub;
        payload.roles = services.get(payload.sub)?.roles ?? [];
      } else {
        Object.assign(payload, ofUser(accountId, users), { grant_id: grantId }, authenticationOf(ctx));
      }
      const kind = accountId === undefined ? 'service' : 'user';
      const actor: Actor = { kind, name: payload.sub, address: ctx.req.socket.remoteAddress ?? 'socket' };
      const data = {
        jti: payload.jti,
        client: payload.client_id,
        grant: String(ctx.oidc.params?.grant_type ?? ''),
        scope: payload.scope ?? '',
        aud: payload.aud ?? '',
      };
      await database.write(async (tx) => {
        if (grantId !== undefined) await requireGrant(tx, grantId);
        await events.publish(tx, oauthEvent('token_issued', actor, payload.sub, data));
      });
      return undefined;
    },
  };
}

function ofUser(name: string, users: ReadonlyMap<string, UserFacts>) {
  const user = users.get(name);
  if (!user) throw ended('person');
  return { roles: user.roles, token_epoch: user.tokenEpoch };
}

function ended(what: string): OauthError {
  return new OauthError('invalid_grant', `The ${what} was removed meanwhile.`);
}

/** When and how the person proved who they are (RFC 9068 §2.2.1). */
function authenticationOf({ oidc }: KoaContextWithOIDC) {
  const { AuthorizationCode: code, RefreshToken: refresh, DeviceCode: device } = oidc.entities;
  const { amr, authTime } = (code ?? refresh ?? device ?? {}) as { amr?: string[]; authTime?: number };
  const acr = amr && authenticationClass(amr);
  return { ...(amr && { amr, acr }), ...(authTime !== undefined && { auth_time: authTime }) };
}
