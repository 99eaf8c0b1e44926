// Tokens of OAuth 2.0: by client credentials (RFC 6749 §4.4), or for a person. Requests that need a token at
// the same time wait for one request to the token endpoint.

import type { HttpClient } from '../http/client.ts';
import type { Middleware } from '../http/middleware.ts';
import type { Fetch } from './oauth2/authorization-server.ts';
import { clientCredentials } from './oauth2/client-credentials.ts';
import type { BrowserGrant, DeviceGrant, SignInTools } from './oauth2/grants.ts';
import type { Tokens } from './oauth2/tokens.ts';
import {
  type SignInOptions,
  type StoredGrant,
  signInThrough,
  signOutThrough,
  type UserGrant,
  type UserTokenOptions,
  userTokens,
} from './oauth2/user-tokens.ts';

/**
 * Ways to get tokens of OAuth 2.0.
 * @example
 * const calling = client().with(
 *   oauth2.clientCredentials({ tokenEndpoint, clientId: 'reports', clientSecret, scope: 'notes:read' }),
 * );
 */
export const oauth2 = {
  /** Gets a token before the first request, before it expires, and after a 401. */
  clientCredentials,

  /**
   * Lets a person sign in in a browser on this machine (RFC 8252, with PKCE), refreshes the token, and stores
   * it. Tokens can be bound to a key (`dpop`) and to a service (`resource`).
   */
  authorizationCode(options: BrowserGrant & UserTokenOptions, tools: Partial<SignInTools> = {}): Middleware {
    return userTokens(options, tools);
  },

  /** Lets a person sign in on another device (RFC 8628), refreshes the token, and stores it. */
  device(options: DeviceGrant & UserTokenOptions, tools: Partial<SignInTools> = {}): Middleware {
    return userTokens(options, tools);
  },
};

/**
 * Signs a person in now, in a browser (`open`) or on another device (`show`), and stores the tokens.
 * @example
 * const { expiresAt } = await signIn(client(), { issuer, clientId, show, store: tokenFile('tokens.json') });
 */
export function signIn(http: HttpClient, grant: UserGrant, options: SignInOptions = {}): Promise<Tokens> {
  return signInThrough(fetchOf(http), grant, options);
}

/**
 * Signs the person out: revokes the stored tokens (RFC 7009), and removes them. If the server cannot be
 * reached, it still removes them, and then rejects.
 * @example
 * await signOut(client(), { issuer, clientId, store: tokenFile('tokens.json') });
 */
export function signOut(http: HttpClient, grant: StoredGrant): Promise<void> {
  return signOutThrough(fetchOf(http), grant);
}

function fetchOf(http: HttpClient): Fetch {
  return (url, init) => http(url, { ...init, redirect: 'manual' });
}
