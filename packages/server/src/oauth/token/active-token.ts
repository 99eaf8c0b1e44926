// Reads an access token of this server, and checks whether it is active (RFC 7662 §2.2): signed by us, not
// expired, not revoked, and with an unchanged subject and client.
import type { ClientFacts, Clock, ServiceFacts, UserFacts } from '@gatehouse/access';
import { FIRST_PARTY_CLIENT, TOKEN_TYPE } from '@gatehouse/access';
import type { JWTPayload } from 'jose';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { SigningKeys } from '../../keyring/index.ts';

export interface ActiveTokensDeps {
  keys: Pick<SigningKeys, 'keySet'>;
  issuer: string;
  clock: Clock;
  users: ReadonlyMap<string, UserFacts>;
  services: ReadonlyMap<string, ServiceFacts>;
  clients: ReadonlyMap<string, ClientFacts>;
  revocations: ReadonlyMap<string, unknown>;
  endedSignIns: ReadonlyMap<string, unknown>;
}

/** The claims of a token of this server. */
export interface ActiveToken extends JWTPayload {
  sub: string;
  jti: string;
  iat: number;
  exp: number;
  client_id: string;
  client_epoch?: number;
  token_epoch?: number;
  grant_id?: string;
  sid?: string;
  scope?: string;
  roles?: string[];
  amr?: string[];
  auth_time?: number;
  act?: object;
  cnf?: { jkt?: string; 'x5t#S256'?: string };
}

export interface ActiveTokens {
  /** Undefined if the text is not an active token. */
  read(text: string): Promise<ActiveToken | undefined>;
}

const TOKEN_MAX_LENGTH = 8192;

export function createActiveTokens(deps: ActiveTokensDeps): ActiveTokens {
  const { keys, issuer, clock, users, services, clients, revocations, endedSignIns } = deps;

  async function verified(text: string): Promise<ActiveToken | undefined> {
    try {
      const { payload } = await jwtVerify<ActiveToken>(text, createLocalJWKSet(keys.keySet), {
        algorithms: ['ES256'],
        typ: TOKEN_TYPE,
        issuer,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'client_id'],
        currentDate: new Date(clock.now()),
      });
      return payload;
    } catch {
      return undefined;
    }
  }

  function isOriginInForce({
    jti,
    sid,
    grant_id: grant,
    client_id: id,
    client_epoch: epoch,
  }: ActiveToken): boolean {
    if (sid !== undefined && endedSignIns.has(sid)) return false;
    if (revocations.has(jti) || (grant !== undefined && revocations.has(grant))) return false;
    if (id === FIRST_PARTY_CLIENT) return true;
    const client = clients.get(id);
    if (!client || client.disabled || client.epoch !== epoch) return false;
    return client.service === null || services.get(client.service)?.disabled !== true;
  }

  function isSubjectInForce({ sub, token_epoch: epoch, client_id: client }: ActiveToken): boolean {
    if (epoch === undefined) {
      const service = services.get(sub);
      return service !== undefined && !service.disabled && clients.get(client)?.service === sub;
    }
    const user = users.get(sub);
    return user !== undefined && !user.disabled && user.tokenEpoch === epoch;
  }

  return {
    async read(text) {
      if (text.length > TOKEN_MAX_LENGTH) return undefined;
      const token = await verified(text);
      return token && isOriginInForce(token) && isSubjectInForce(token) ? token : undefined;
    },
  };
}
