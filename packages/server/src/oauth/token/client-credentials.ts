// The client credentials grant (RFC 6749 §4.4) for clients with a secret: most requests for tokens are of
// this kind, so they have separate, short code. The ledger has the token on disk before it is sent. The
// general code answers requests in other forms.
import type { Clock, ServiceFacts } from '@gatehouse/access';
import { decodeJwt } from 'jose';
import type { Events } from '../../platform/feed/events.ts';
import type { Call } from '../../platform/http/route.ts';
import type { Database } from '../../platform/store/database.ts';
import { basicCredentials } from '../client/basic-credentials.ts';
import { usesSecret } from '../client/clients.ts';
import type { KnownClient, KnownClients } from '../client/known-clients.ts';
import { provesClient } from '../client/known-clients.ts';
import { oauthEvent } from '../events.ts';
import type { Client } from '../store/rows.ts';
import type { Mint } from './mint.ts';
import { invalidClient, OauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';
import type { Resources } from './resources.ts';

export interface TokenAnswer {
  access_token: string;
  token_type: 'Bearer' | 'DPoP';
  expires_in: number;
  scope?: string;
}

export interface ClientCredentialsDeps {
  database: Database;
  events: Events;
  clock: Clock;
  knownClients: KnownClients;
  services: ReadonlyMap<string, ServiceFacts>;
  mint: Mint;
  resources: Resources;
  lifetimeSeconds: number;
}

export interface ClientCredentials {
  /** The answer; undefined if the general code must answer. Throws `OauthError`. */
  issue(call: Call, parameters: Parameters): Promise<TokenAnswer | undefined>;
  /**
   * The form for the general code. If a client that acts for itself names no scope, it has all of its scopes,
   * as here.
   */
  formOf(call: Call, parameters: Parameters): Promise<string>;
}

export function createClientCredentials(deps: ClientCredentialsDeps): ClientCredentials {
  const { database, events, clock, knownClients, services, mint, resources, lifetimeSeconds } = deps;

  async function authenticated(call: Call, parameters: Parameters): Promise<Client | undefined> {
    const credentials = secretCredentials(call, parameters);
    if (!credentials) return undefined;
    const known = await knownClients.find(credentials.id);
    if (!known || !isUsable(known)) throw invalidClient();
    if (!provesClient(known, credentials.secret, clock)) throw invalidClient();
    return known.client;
  }

  /** Its tokens are not bound, so no proof of possession must be checked. */
  const isPlain = ({ metadata }: Client) => !metadata.certificateBoundTokens && !metadata.dpopBoundTokens;

  return {
    async issue(call, parameters) {
      if (parameters.one('grant_type') !== 'client_credentials' || call.header('dpop') !== undefined) {
        return undefined;
      }
      const client = await authenticated(call, parameters);
      if (!client || !isPlain(client)) return undefined;
      const service = requireService(client, services);
      const scope = grantedScope(client, parameters.one('scope'));
      const aud = resources.audienceOfAll(parameters.all('resource'));
      const claims = { sub: service.name, aud, client_id: client.id, client_epoch: client.epoch };
      const { token, jti } = mint(
        { ...claims, roles: service.roles, ...(scope !== '' && { scope }) },
        lifetimeSeconds,
      );
      const { address, requestId } = call;
      const actor = { kind: 'service', name: service.name, address } as const;
      const data = { jti, client: client.id, grant: 'client_credentials', scope, aud, requestId };
      await database.write((tx) => events.publish(tx, oauthEvent('token_issued', actor, service.name, data)));
      const answer = { access_token: token, token_type: 'Bearer', expires_in: lifetimeSeconds } as const;
      return scope === '' ? answer : { ...answer, scope };
    },
    async formOf(call, parameters) {
      const isForItself = parameters.one('grant_type') === 'client_credentials';
      if (!isForItself || parameters.one('scope') !== undefined) return parameters.text({});
      const known = await knownClients.find(claimedId(call, parameters) ?? '');
      const scope = known?.client.metadata.scopes.join(' ') ?? '';
      return parameters.text(scope === '' ? {} : { scope });
    },
  };
}

/** The id and secret in a request; undefined if the client authenticates in another way. */
function secretCredentials(call: Call, parameters: Parameters) {
  const authorization = call.header('authorization');
  const [id, secret] = [parameters.one('client_id'), parameters.one('client_secret')];
  if (authorization === undefined)
    return id !== undefined && secret !== undefined ? { id, secret } : undefined;
  if (secret !== undefined || parameters.one('client_assertion') !== undefined) {
    throw new OauthError('invalid_request', 'Authenticate in one way only (RFC 6749 §2.3).');
  }
  const basic = basicCredentials(authorization);
  if (id === undefined || id === basic.id) return basic;
  throw new OauthError('invalid_request', 'client_id differs from the one in Authorization.');
}

/** The client that the request names. The general code authenticates it. */
function claimedId(call: Call, parameters: Parameters): string | undefined {
  const [id, assertion] = [parameters.one('client_id'), parameters.one('client_assertion')];
  const authorization = call.header('authorization');
  if (id !== undefined) return id;
  if (authorization !== undefined) return basicCredentials(authorization).id;
  return assertion === undefined ? undefined : subjectOf(assertion);
}

/** The `sub` of a JWT, unverified. */
function subjectOf(jwt: string): string | undefined {
  try {
    const { sub } = decodeJwt(jwt);
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

function isUsable({ client }: KnownClient): boolean {
  return client.state === 'active' && usesSecret(client);
}

/** Throws `unauthorized_client`. */
function requireService(
  { service, metadata }: Client,
  services: ReadonlyMap<string, ServiceFacts>,
): { name: string; roles: readonly string[] } {
  const facts = service === null ? undefined : services.get(service);
  if (service !== null && facts && !facts.disabled && metadata.grants.includes('client_credentials')) {
    return { name: service, roles: facts.roles };
  }
  throw new OauthError(
    'unauthorized_client',
    'This client is not allowed to use the grant client_credentials.',
  );
}

/** All scopes of the client if it names none (RFC 6749 §3.3). Throws `invalid_scope`. */
function grantedScope({ metadata }: Client, requested: string | undefined): string {
  if (requested === undefined) return metadata.scopes.join(' ');
  const names = [...new Set(requested.split(' '))];
  const missing = names.find((name) => !metadata.scopes.includes(name));
  if (missing === undefined) return names.join(' ');
  throw new OauthError(
    'invalid_scope',
    `The client is not allowed to request the scope "${missing.slice(0, 64)}".`,
  );
}
