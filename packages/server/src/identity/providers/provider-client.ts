// Our client at one provider (OpenID Connect Core 1.0): the authorization code flow with PKCE, `state`,
// `nonce` and the check of `iss` (RFC 9207). openid-client verifies the answers of the provider.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { CustomFetch } from 'openid-client';
import { createLimiter } from '../../platform/limits/limiter.ts';
import type { Log } from '../../platform/log/log.ts';
import { createDiscovery, reasonOf, unavailable } from './discovery.ts';
import type { LogoutToken } from './logout-token.ts';
import { verifyLogoutToken } from './logout-token.ts';
import { ProviderUnreachable } from './provider-fetch.ts';
import type { ProviderSettings } from './provider-settings.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The person that the provider has authenticated. */
export interface Vouched {
  /** The claims of the ID token. */
  claims: Claims & { sub: string };
  accessToken: string;
  /** The unchanged ID token. */
  idToken: string;
}

/** The values that the answer must match. */
export interface Expected {
  state: string;
  nonce: string;
  /** The verifier of PKCE (RFC 7636). */
  verifier: string;
}

export interface AuthorizationRequest {
  state: string;
  nonce: string;
  /** SHA-256 of the verifier, in base64url. */
  challenge: string;
  /** Whether the person must sign in again. */
  again: boolean;
}

export interface SignOutRequest {
  state: string;
  /** The ID token of the session there. */
  idToken: string | undefined;
}

export interface ProviderClient {
  readonly settings: ProviderSettings;
  /** The URL to which the browser goes. Throws `provider_unavailable`. */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Redeems the code. `query`: the parameters from the browser; `party`: the client address, for fair turns.
   * Throws `provider_unavailable`, `too_many_requests`, and `provider_answer_invalid` for an answer that does
   * not verify.
   */
  redeem(query: string, expected: Expected, party: string): Promise<Vouched>;
  /** The claims of the ID token and of the UserInfo endpoint. Throws like `redeem`. */
  allClaims(vouched: Vouched): Promise<Claims>;
  /**
   * The URL of the sign-out at the provider (OpenID Connect RP-Initiated Logout 1.0); undefined if it has
   * none. Throws `provider_unavailable`.
   */
  signOutUrl(request: SignOutRequest): Promise<string | undefined>;
  /** Throws `provider_unavailable` and `provider_answer_invalid`. */
  logoutToken(token: string): Promise<LogoutToken>;
}

export interface ProviderClientDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
  fetch: CustomFetch;
  /** Undefined for a public client. */
  secret(): string | undefined;
  /**
   * Each provider has its own redirect URI, so that an answer of one provider is never taken for an answer of
   * another (RFC 9700 §4.4.2).
   */
  redirectUri: string;
  /** The URL to which people return after a sign-out there. */
  signedOutUri: string;
  /** How old a sign-in at the provider may be. */
  maxAgeSeconds: number;
}

const MAX_SUBJECT = 255;
/** Each sign-in needs a handshake, which takes long with a slow provider. */
const LIMITS = { atOnce: 16, waiting: 256, atOnceOfOne: 8, waitingOfOne: 64 };

export function createProviderClient(deps: ProviderClientDeps, settings: ProviderSettings): ProviderClient {
  const { redirectUri, signedOutUri, maxAgeSeconds, log, clock } = deps;
  const { name, title = name } = settings;
  const limiter = createLimiter(LIMITS, busy);
  const discovered = createDiscovery(deps, settings);

  /** Runs a request to the provider. Converts its errors into ours; the log has the reason. */
  async function asking<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof GatehouseError) throw error;
      if (!isUnreachable(error)) throw refused(title, error);
      log.event('identity.provider_failed', { provider: name, reason: reasonOf(error) });
      throw unavailable(settings, error);
    }
  }

  return {
    settings,
    async authorizationUrl({ state, nonce, challenge, again }) {
      const client = await import('openid-client');
      const { configuration } = await discovered();
      const parameters = {
        redirect_uri: redirectUri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        // So that the ID token says when the person signed in there (OpenID Connect Core §3.1.2.1).
        max_age: String(again ? 0 : Math.floor(maxAgeSeconds)),
        ...(again && { prompt: settings.promptAgain }),
        ...(settings.responseMode !== 'query' && { response_mode: settings.responseMode }),
      };
      const { require_pushed_authorization_requests: isPushed } = configuration.serverMetadata();
      const build = isPushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
      return (await asking(async () => build(configuration, parameters))).href;
    },
    async redeem(query, { state, nonce, verifier }, party) {
      const client = await import('openid-client');
      const { configuration } = await discovered();
      const redeem = async () => {
        const tokens = await client.authorizationCodeGrant(
          configuration,
          new URL(`${redirectUri}?${query}`),
          {
            expectedState: state,
            expectedNonce: nonce,
            pkceCodeVerifier: verifier,
          },
        );
        const claims = tokens.claims();
        if (!claims || claims.sub.length > MAX_SUBJECT) throw new Error('the ID token has no usable `sub`');
        return { claims, accessToken: tokens.access_token, idToken: String(tokens.id_token) };
      };
      return limiter.run(party, () => asking(redeem));
    },
    async allClaims({ claims, accessToken }) {
      const client = await import('openid-client');
      const { configuration } = await discovered();
      if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
      return asking(async () => ({
        ...(await client.fetchUserInfo(configuration, accessToken, claims.sub)),
        ...claims,
      }));
    },
    async signOutUrl({ state, idToken }) {
      const client = await import('openid-client');
      const { configuration } = await discovered();
      const { end_session_endpoint: endpoint } = configuration.serverMetadata();
      if (endpoint === undefined || URL.parse(endpoint)?.protocol !== 'https:') return undefined;
      return client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: signedOutUri,
        state,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      }).href;
    },
    async logoutToken(token) {
      const { configuration, keys } = await discovered();
      const { issuer } = configuration.serverMetadata();
      const { clientId } = settings;
      return asking(() => verifyLogoutToken(token, { keys, issuer, clientId, now: clock.now() }));
    },
  };
}

/** The codes of openid-client for answers of servers with a failure. */
const BROKEN = new Set<unknown>([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_TIMEOUT',
]);

function isUnreachable(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ProviderUnreachable || BROKEN.has(Object(each).code)) return true;
  }
  return false;
}

/** The message for people. The cause is for the log, because it may contain texts of the provider. */
function refused(title: string, cause: unknown): GatehouseError {
  const { error } = Object(cause) as { error?: unknown };
  const detail =
    error === 'access_denied'
      ? `${title} did not allow the sign-in, or you declined it there: try again, or sign in in another way.`
      : `${title} did not confirm the sign-in, or its answer does not verify: sign in again.`;
  return new GatehouseError('provider_answer_invalid', detail, { cause });
}

function busy(): GatehouseError {
  return new GatehouseError('too_many_requests', 'Too many sign-ins are in progress: try again in a moment.');
}
