// Completes the access tokens of oidc-provider with the claims that the gateway checks, and records each in
// the ledger before it is sent.
import type { ServiceFacts, UserFacts } from '@gatehouse/access';
import { authenticationClass } from '@gatehouse/access';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Actor, Events } from '../../platform/feed/events.ts';
import type { Database } from '../../platform/store/database.ts';
import type { KnownClients } from '../client/known-clients.ts';
import { oauthEvent } from '../events.ts';

export interface IssuedTokensDeps {
  database: Database;
  events: Events;
  knownClients: KnownClients;
  users: ReadonlyMap<string, UserFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
}

export interface IssuedTokens {
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
  const { database, events, knownClients, users, services } = deps;

  return {
    async complete(ctx, token, jwt) {
      const payload = jwt.payload as Payload;
      const { accountId, grantId } = token as { accountId?: string; grantId?: string };
      const known = await knownClients.find(payload.client_id);
      if (!known) throw new TypeError(`the client ${payload.client_id} was removed`);
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
      await database.write((tx) => events.publish(tx, oauthEvent('token_issued', actor, payload.sub, data)));
      return undefined;
    },
  };
}

function ofUser(name: string, users: ReadonlyMap<string, UserFacts>) {
  const user = users.get(name);
  if (!user) throw new TypeError(`the user ${name} was removed`);
  return { roles: user.roles, token_epoch: user.tokenEpoch };
}

/** When and how the person proved who they are (RFC 9068 §2.2.1). */
function authenticationOf({ oidc }: KoaContextWithOIDC) {
  const { AuthorizationCode: code, RefreshToken: refresh, DeviceCode: device } = oidc.entities;
  const { amr, authTime } = (code ?? refresh ?? device ?? {}) as { amr?: string[]; authTime?: number };
  const acr = amr && authenticationClass(amr);
  return { ...(amr && { amr, acr }), ...(authTime !== undefined && { auth_time: authTime }) };
}
