// The metadata of a client for oidc-provider (RFC 7591 §2).
import { FIRST_PARTY_CLIENT } from '@gatehouse/access';
import type { AdapterPayload } from 'oidc-provider';
import { usesSecret } from '../client/clients.ts';
import type { KnownClient } from '../client/known-clients.ts';
import type { Client, Grant } from '../store/rows.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const GRANT_TYPES: Readonly<Record<Grant, readonly string[]>> = {
  client_credentials: ['client_credentials'],
  authorization_code: ['authorization_code', 'refresh_token'],
  device_code: [DEVICE_CODE, 'refresh_token'],
  token_exchange: [TOKEN_EXCHANGE],
};

/** Scopes that every client may request. */
export const OPENID_SCOPES = ['openid', 'offline_access', 'profile', 'roles', 'groups'] as const;

/** The scopes that the client may request at resources. `scope` has only scopes of OpenID Connect. */
export const RESOURCE_SCOPES = 'resource_scopes';

/** The service that the client acts as. A client that acts only for people has none. */
export const SERVICE = 'gatehouse_service';

export function providerMetadata({ client, secrets }: KnownClient): AdapterPayload {
  const { metadata } = client;
  const needsSecret = usesSecret(client);
  return {
    client_id: client.id,
    client_name: metadata.document?.name ?? client.name,
    application_type: metadata.applicationType,
    grant_types: grantTypesOf(client),
    response_types: metadata.grants.includes('authorization_code') ? ['code'] : [],
    redirect_uris: metadata.redirectUris,
    post_logout_redirect_uris: metadata.postLogoutRedirectUris,
    token_endpoint_auth_method: metadata.authMethod,
    id_token_signed_response_alg: 'ES256',
    [RESOURCE_SCOPES]: metadata.scopes.join(' '),
    ...(client.service !== null && { [SERVICE]: client.service }),
    tls_client_certificate_bound_access_tokens: metadata.certificateBoundTokens,
    dpop_bound_access_tokens: metadata.dpopBoundTokens,
    // The hashes instead of the secret, because our code compares secrets.
    ...(needsSecret && { client_secret: secrets.map(({ hash }) => hash).join(' ') }),
    ...(metadata.keys.length > 0 && { jwks: { keys: metadata.keys } }),
    ...(metadata.authMethod === 'tls_client_auth' && {
      tls_client_auth_san_uri: `service:${client.service}`,
    }),
    ...(metadata.backchannelLogoutUri !== null && {
      backchannel_logout_uri: metadata.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  } as AdapterPayload;
}

function grantTypesOf({ metadata }: Client): string[] {
  return [...new Set(metadata.grants.flatMap((grant) => GRANT_TYPES[grant]))];
}

/** The client of tokens of our own sign-in. It has no grants. */
export const firstPartyMetadata: AdapterPayload = {
  client_id: FIRST_PARTY_CLIENT,
  grant_types: [],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'none',
  id_token_signed_response_alg: 'ES256',
} as AdapterPayload;
