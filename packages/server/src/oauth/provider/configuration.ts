// The configuration of oidc-provider: only what OAuth 2.1 and RFC 9700 allow. Code with PKCE (S256),
// refresh tokens that are replaced at each use, client credentials and the device grant; no implicit and no
// password grant.

import type { UserFacts } from '@gatehouse/access';
import type { JWK } from 'jose';
import type { Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { ADMIN_SCOPE, withoutAdminScope } from '../admin-scope.ts';
import type { OauthSettings } from '../settings.ts';
import { OauthError } from '../token/oauth-error.ts';
import type { Resources } from '../token/resources.ts';
import { accountOf, CLAIMS_OF_SCOPES } from './accounts.ts';
import type { Certificates } from './certificates.ts';
import { OPENID_SCOPES, RESOURCE_SCOPES, SERVICE } from './client-metadata.ts';
import { mayIntrospect } from './introspection.ts';
import * as pages from './pages.ts';
import { ACR_VALUES } from './policy.ts';

export interface ConfigurationDeps {
  issuer: string;
  adapter: NonNullable<Configuration['adapter']>;
  users: ReadonlyMap<string, UserFacts>;
  resources: Resources;
  /** Private keys. The first one signs. */
  keys: JWK[];
  cookieKeys: string[];
  dpopNonceSecret: Uint8Array;
  lifetimeSeconds: number;
  certificates: Certificates;
  /** Whether the browser has one of our sessions. */
  isSignedIn(ctx: KoaContextWithOIDC): boolean;
  policy: NonNullable<Configuration['interactions']>['policy'];
  loadGrant: NonNullable<Configuration['loadExistingGrant']>;
  customize: NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt'];
  fetch: Configuration['fetch'];
  /** An error of oidc-provider, in its form of the standard. */
  invalidTarget(description: string): Error;
}

/** In the order of the discovery document. */
export const ENDPOINTS = {
  authorization: '/oauth/authorize',
  pushed_authorization_request: '/oauth/par',
  token: '/oauth/token',
  userinfo: '/oauth/userinfo',
  introspection: '/oauth/introspect',
  revocation: '/oauth/revoke',
  end_session: '/oauth/logout',
  device_authorization: '/oauth/device',
  code_verification: '/device',
  registration: '/oauth/register',
  jwks: '/.well-known/jwks.json',
} as const;

export const INTERACTION = '/oauth/interaction';

export function providerConfiguration(deps: ConfigurationDeps, settings: OauthSettings): Configuration {
  return {
    adapter: deps.adapter,
    jwks: { keys: deps.keys as never },
    routes: ENDPOINTS,
    scopes: [...OPENID_SCOPES],
    acrValues: [...ACR_VALUES.keys()],
    claims: CLAIMS_OF_SCOPES,
    responseTypes: ['code'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'none',
    ],
    enabledJWA: {
      idTokenSigningAlgValues: ['ES256'],
      clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'RS256', 'PS256'],
      userinfoSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
    },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    features: features(deps, settings),
    cookies: cookies(deps.cookieKeys),
    ttl: lifetimes(deps.lifetimeSeconds, settings),
    formats: { customizers: { jwt: deps.customize } },
    discovery: {
      ...(settings.registration && {
        registration_endpoint: `${deps.issuer}${ENDPOINTS.registration}`,
      }),
      ...(settings.clientIdMetadataDocuments.enabled && { client_id_metadata_document_supported: true }),
    },
    extraClientMetadata: { properties: [RESOURCE_SCOPES, SERVICE] },
    findAccount: async (_ctx, name) => accountOf(deps.users, name),
    loadExistingGrant: deps.loadGrant,
    interactions: {
      policy: deps.policy,
      url: (_ctx, { uid }) => `${INTERACTION}/${uid}`,
    },
    clientBasedCORS: (_ctx, origin, client) =>
      client.clientAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    renderError: (ctx, { error, error_description: description }) =>
      pages.showPage(ctx, pages.errorPage(error, description, ctx.status)),
    fetch: deps.fetch,
  };
}

function features(deps: ConfigurationDeps, settings: OauthSettings): Configuration['features'] {
  const { certificates, dpopNonceSecret } = deps;
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token, deps.resources),
    },
    revocation: {
      enabled: true,
      // RFC 7009 §2.1: a token of another client is not revoked, and the answer does not show that.
      allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
    },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: {
      enabled: true,
      nonceSecret: Buffer.from(dpopNonceSecret),
      requireNonce: () => settings.requireDpopNonce,
    },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: (ctx) => certificates.pemOf(ctx.req),
      certificateAuthorized: (ctx) => certificates.serviceOf(ctx.req) !== undefined,
      certificateSubjectMatches: (ctx, _property, expected) =>
        `service:${certificates.serviceOf(ctx.req)}` === expected,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_ctx, _client, oneOf) => oneOf?.[0] ?? deps.resources.default,
      useGrantedResource: async () => true,
      getResourceServerInfo: async (ctx, resource, client) => {
        const scopes = String(client[RESOURCE_SCOPES] ?? '');
        // The scopes of OpenID Connect are about people.
        const isForItself = ctx.oidc.params?.grant_type === 'client_credentials';
        return resourceServer(
          deps,
          resource,
          isForItself
            ? withoutAdminScope(scopes.split(' ')).join(' ')
            : `${OPENID_SCOPES.join(' ')} ${scopes}`.trim(),
        );
      },
    },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: (ctx, form, _out, error) =>
        isOver(ctx, error)
          ? showEnded(ctx)
          : pages.showPage(ctx, pages.deviceCodePage(form, error && deviceProblem(error))),
      userCodeConfirmSource: (ctx, form, client, _info, userCode) =>
        pages.showPage(ctx, pages.deviceConfirmPage(form, client.clientName ?? client.clientId, userCode)),
      successSource: (ctx) => pages.showPage(ctx, pages.message('The device is connected', [])),
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) =>
        pages.showPage(
          ctx,
          pages.signOutPage(form, pages.targetOf(ctx.oidc.params?.post_logout_redirect_uri)),
        ),
      postLogoutSuccessSource: (ctx) => pages.showPage(ctx, pages.signOutDonePage(deps.isSignedIn(ctx))),
    },
    backchannelLogout: { enabled: true },
    userinfo: { enabled: true },
  };
}

/** Whether the person must begin again, because the session of the form has ended. */
function isOver({ oidc: { route, session } }: KoaContextWithOIDC, error: unknown): boolean {
  return route === 'device_resume' || (error !== undefined && session?.exp === undefined);
}

/** A sign-in for a device that has ended, or began in another browser. */
function showEnded(ctx: KoaContextWithOIDC): void {
  // oidc-provider would store its session again, which fails for a new session.
  Object.assign(ctx.oidc.session ?? {}, { touched: false });
  pages.showPage(ctx, pages.deviceEndedPage());
}

function deviceProblem(error: { name?: string; userCode?: string }): string {
  if (error.name === 'NoCodeError' || error.userCode !== undefined) return 'No device has this code.';
  return error.name === 'AbortedError' ? 'The device was not connected.' : 'This did not work: try again.';
}

/** Throws `invalid_target` in oidc-provider's form. */
function resourceServer(deps: ConfigurationDeps, resource: string, scope: string): ResourceServer {
  try {
    const isAdmin = resource === deps.issuer && scope.split(' ').includes(ADMIN_SCOPE);
    const audience = isAdmin ? deps.issuer : deps.resources.audienceOf(resource);
    return {
      audience,
      // A token for the gateway does not need it.
      scope: isAdmin ? scope : withoutAdminScope(scope.split(' ')).join(' '),
      accessTokenFormat: 'jwt',
      accessTokenTTL: deps.lifetimeSeconds,
      jwt: { sign: { alg: 'ES256' } },
    };
  } catch (error) {
    throw error instanceof OauthError ? deps.invalidTarget(error.message) : error;
  }
}

/** The prefixes make browsers refuse them from other hosts and without TLS (RFC 6265bis §4.1.3). */
function cookies(keys: string[]): Configuration['cookies'] {
  const common = { httpOnly: true, sameSite: 'lax', secure: true, signed: true } as const;
  return {
    names: {
      session: '__Host-gatehouse-oauth',
      interaction: '__Secure-gatehouse-interaction',
      resume: '__Secure-gatehouse-resume',
    },
    long: { ...common, path: '/' },
    short: common,
    keys,
  };
}

const HOUR_SECONDS = 3600;
const SESSION_SECONDS = 12 * HOUR_SECONDS;

function lifetimes(tokenSeconds: number, settings: OauthSettings): Configuration['ttl'] {
  const refresh = Math.floor(settings.refreshTokenLifetime);
  return {
    AccessToken: tokenSeconds,
    ClientCredentials: tokenSeconds,
    IdToken: tokenSeconds,
    AuthorizationCode: Math.floor(settings.codeLifetime),
    DeviceCode: Math.floor(settings.deviceCodeLifetime),
    RefreshToken: refresh,
    // A grant must be valid as long as the last refresh token that comes from it.
    Grant: (_ctx: KoaContextWithOIDC) => Math.max(refresh, SESSION_SECONDS) * 2,
    Interaction: HOUR_SECONDS,
    Session: SESSION_SECONDS,
  };
}
