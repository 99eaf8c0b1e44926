// An authorization server, through oauth4webapi: its metadata (RFC 8414), the requests for tokens, and
// messages for its refusals.
import type * as library from 'oauth4webapi';
import { ClientError } from '../../errors.ts';
import { isLoopback } from '../../network/loopback.ts';
import { createProver, type Prover } from './proof.ts';
import type { Tokens } from './tokens.ts';

/** A function like `fetch` that follows no redirect. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** How this client identifies itself to an authorization server, and what it asks for. */
export interface OAuthClient {
  /** The issuer (RFC 8414 §2). Its metadata names all endpoints. */
  issuer: string | URL;
  clientId: string;
  /** For clients that can keep a secret. */
  clientSecret?: string;
  /** The scopes to ask for, with spaces between them. */
  scope?: string;
  /** What the token is for (RFC 8707). */
  resource?: string | readonly string[];
  /** Bind the tokens to a key of this client, so that others cannot use them (RFC 9449). Default: false. */
  dpop?: boolean;
}

/** An authorization server and this client. */
export interface AuthorizationServer {
  metadata: library.AuthorizationServer;
  client: library.Client;
  prover: Prover | undefined;
  /** Parameters of every request for a token or a code. */
  parameters: URLSearchParams;
  /**
   * Reads the answer to a request for tokens. Sends it again with a nonce if the server wants one (RFC 9449
   * §8).
   */
  tokens(
    request: (lib: typeof library, auth: library.ClientAuth, options: object) => Promise<Response>,
    process: (lib: typeof library, response: Response) => Promise<library.TokenEndpointResponse>,
  ): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Tokens>;
  /** Revokes a token, and the tokens issued from it (RFC 7009). */
  revoke(token: string): Promise<void>;
  options(lib: typeof library): object;
}

/** Reads the metadata. Throws `ClientError`. */
export async function openServer(
  options: OAuthClient,
  { fetch, date, proofKey }: { fetch: Fetch; date(): number; proofKey: JsonWebKey | undefined },
): Promise<AuthorizationServer> {
  const lib = await import('oauth4webapi');
  const issuer = new URL(options.issuer);
  const request = {
    [lib.customFetch]: (url: string, init: RequestInit) => fetch(url, init),
    [lib.allowInsecureRequests]: isLoopback(issuer.hostname),
  };
  const metadata = await discover(lib, issuer, request);
  const prover = options.dpop ? await createProver(proofKey) : undefined;
  const client = { client_id: options.clientId };
  const auth = options.clientSecret === undefined ? lib.None() : lib.ClientSecretBasic(options.clientSecret);
  const parameters = parametersOf(options);

  const server: AuthorizationServer = {
    metadata,
    client,
    prover,
    parameters,
    options: () => request,
    async tokens(send, process) {
      const all = { ...request, ...(prover && { DPoP: prover.handle }) };
      const attempt = async () => process(lib, await send(lib, auth, all));
      try {
        const answer = await attempt().catch((error) => {
          if (prover !== undefined && lib.isDPoPNonceError(error)) return attempt();
          throw error;
        });
        return tokensOf(answer, {
          issuer: metadata.issuer,
          clientId: options.clientId,
          proofKey: prover?.key,
          now: date(),
        });
      } catch (error) {
        throw refusal(lib, error, metadata.issuer);
      }
    },
    async refresh(refreshToken) {
      const tokens = await server.tokens(
        (own, by, all) =>
          own.refreshTokenGrantRequest(metadata, client, by, refreshToken, {
            ...all,
            additionalParameters: withoutScope(parameters),
          }),
        (own, response) => own.processRefreshTokenResponse(metadata, client, response),
      );
      return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
    },
    async revoke(token) {
      if (metadata.revocation_endpoint === undefined) throw cannotRevoke(metadata.issuer);
      try {
        const response = await lib.revocationRequest(metadata, client, auth, token, request);
        await lib.processRevocationResponse(response);
      } catch (error) {
        throw refusal(lib, error, metadata.issuer);
      }
    },
  };
  return server;
}

/** RFC 8414 first, then OpenID Connect Discovery. */
async function discover(
  lib: typeof library,
  issuer: URL,
  request: object,
): Promise<library.AuthorizationServer> {
  try {
    let response = await lib.discoveryRequest(issuer, { ...request, algorithm: 'oauth2' });
    if (response.status === 404) {
      await response.body?.cancel();
      response = await lib.discoveryRequest(issuer, { ...request, algorithm: 'oidc' });
    }
    return await lib.processDiscoveryResponse(issuer, response);
  } catch (error) {
    throw refusal(lib, error, issuer.origin);
  }
}

function cannotRevoke(issuer: string): ClientError {
  return new ClientError(
    'auth',
    `${issuer} has no revocation_endpoint: the tokens stay valid until they expire`,
  );
}

function parametersOf({ scope, resource }: OAuthClient): URLSearchParams {
  const parameters = new URLSearchParams();
  if (scope !== undefined) parameters.set('scope', scope);
  for (const one of [resource ?? []].flat()) parameters.append('resource', one);
  return parameters;
}

/** A refresh asks for the granted scopes (RFC 6749 §6). */
export function withoutScope(parameters: URLSearchParams): URLSearchParams {
  const others = new URLSearchParams(parameters);
  others.delete('scope');
  return others;
}

function tokensOf(
  answer: library.TokenEndpointResponse,
  { now, ...origin }: Pick<Tokens, 'issuer' | 'clientId' | 'proofKey'> & { now: number },
): Tokens {
  return {
    ...origin,
    accessToken: answer.access_token,
    expiresAt: answer.expires_in === undefined ? undefined : now + answer.expires_in * 1000,
    refreshToken: answer.refresh_token,
    idToken: answer.id_token,
    scope: answer.scope,
  };
}

/**
 * The error of the library as `ClientError`. Its `cause` has the OAuth error code, if the server gave one.
 */
export function refusal(lib: typeof library, error: unknown, server: string): unknown {
  if (error instanceof ClientError || !(error instanceof Error)) return error;
  if (error instanceof lib.ResponseBodyError || error instanceof lib.AuthorizationResponseError) {
    const { error: code, error_description: description } = error;
    const reason = description === undefined ? code : `${code}: ${description}`;
    return new ClientError('auth', `${server} did not issue a token (${reason})`, { cause: error });
  }
  if (!('code' in error)) return error;
  const message = `${server} does not answer as an authorization server should (${error.message}): check the issuer`;
  return new ClientError('auth', message, { cause: error });
}

/** The OAuth error code of a refusal, such as `invalid_grant`. */
export function refusalCode(error: unknown): string | undefined {
  const cause = error instanceof ClientError ? error.cause : undefined;
  return cause instanceof Error && 'error' in cause ? String(cause.error) : undefined;
}
