// Signing people in by OAuth, as a public client: the code flow with PKCE (RFC 7636), the device flow (RFC
// 8628), refreshing and revoking. The only file that knows the library.
import * as lib from 'oauth4webapi';
import { CliError, exitStatus } from '../exit-status.ts';

/** `fetch` that trusts the roots of the command. */
export type Fetch = (
  url: string,
  init: { method?: string; headers?: HeadersInit; body?: unknown },
) => Promise<Response>;

/** What a server gave. */
export interface Tokens {
  accessToken: string;
  refreshToken: string | undefined;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** What is asked for. */
export interface TokenWish {
  scope: string;
  /** RFC 8707. Undefined: the default of the server, its gateway. */
  resource: string | undefined;
}

/** A server, as one client sees it. */
export interface OauthServer {
  /** The URL for the browser, and what takes the answer that comes back to `redirectUri`. */
  startCode(redirectUri: string, wish: TokenWish): Promise<CodeFlow>;
  startDevice(wish: TokenWish): Promise<DeviceFlow>;
  refresh(refreshToken: string, wish: TokenWish): Promise<Tokens>;
  revoke(token: string): Promise<void>;
}

export interface CodeFlow {
  url: string;
  /** `answer`: the URL that the browser was sent to. */
  finish(answer: URL): Promise<Tokens>;
}

export interface DeviceFlow {
  userCode: string;
  /** Where the person types the code. */
  url: string;
  /** Undefined until the person has agreed. Wait before each call. */
  poll(): Promise<Tokens | undefined>;
  intervalSeconds: number;
  expiresInSeconds: number;
}

const DEVICE_INTERVAL_SECONDS = 5;

/** Reads the metadata of the server. Rejects with `CliError`. */
export async function openOauth(issuer: string, clientId: string, fetch: Fetch): Promise<OauthServer> {
  const options = { [lib.customFetch]: fetch as never };
  const client: lib.Client = { client_id: clientId };
  const auth = lib.None();
  const url = new URL(issuer);
  const server = await explained(async () =>
    lib.processDiscoveryResponse(url, await lib.discoveryRequest(url, options)),
  );
  const additional = ({ resource }: TokenWish): Record<string, string> =>
    resource === undefined ? {} : { resource };
  return {
    async startCode(redirectUri, wish) {
      const verifier = lib.generateRandomCodeVerifier();
      const state = lib.generateRandomState();
      const target = URL.parse(server.authorization_endpoint ?? '');
      // A browser is started with it.
      if (target?.protocol !== 'https:') throw notOauth('its authorization_endpoint is no URL of https');
      const query = {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: wish.scope,
        state,
        prompt: 'consent',
        code_challenge: await lib.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...additional(wish),
      };
      for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
      return {
        url: target.href,
        finish: (answer) =>
          explained(async () => {
            const params = lib.validateAuthResponse(server, client, answer, state);
            const more = { ...options, additionalParameters: additional(wish) };
            const sent = await lib.authorizationCodeGrantRequest(
              server,
              client,
              auth,
              params,
              redirectUri,
              verifier,
              more,
            );
            return tokensOf(await lib.processAuthorizationCodeResponse(server, client, sent));
          }),
      };
    },
    startDevice: (wish) =>
      explained(async () => {
        const parameters = { scope: wish.scope, ...additional(wish) };
        const sent = await lib.deviceAuthorizationRequest(server, client, auth, parameters, options);
        const device = await lib.processDeviceAuthorizationResponse(server, client, sent);
        return {
          userCode: device.user_code,
          url: device.verification_uri,
          intervalSeconds: device.interval ?? DEVICE_INTERVAL_SECONDS,
          expiresInSeconds: device.expires_in,
          poll: () => pollDevice(device.device_code),
        };
      }),
    refresh: (refreshToken, wish) =>
      explained(async () => {
        const more = { ...options, additionalParameters: additional(wish) };
        const sent = await lib.refreshTokenGrantRequest(server, client, auth, refreshToken, more);
        return tokensOf(await lib.processRefreshTokenResponse(server, client, sent));
      }),
    revoke: (token) =>
      explained(async () =>
        lib.processRevocationResponse(await lib.revocationRequest(server, client, auth, token, options)),
      ),
  };

  function pollDevice(code: string): Promise<Tokens | undefined> {
    return explained(async () => {
      try {
        const sent = await lib.deviceCodeGrantRequest(server, client, auth, code, options);
        return tokensOf(await lib.processDeviceCodeResponse(server, client, sent));
      } catch (error) {
        const isEarly =
          error instanceof lib.ResponseBodyError && /^(authorization_pending|slow_down)$/.test(error.error);
        if (isEarly) return undefined;
        throw error;
      }
    });
  }
}

function tokensOf(answer: lib.TokenEndpointResponse): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds = 0 } = answer;
  return { accessToken, refreshToken, expiresAt: Date.now() + seconds * 1000 };
}

/** The library's errors in a sentence. */
async function explained<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof lib.ResponseBodyError || error instanceof lib.AuthorizationResponseError) {
      const { error: code, error_description: description } = error;
      const advice = ADVICE[code] ?? "see the server's log";
      throw new CliError(
        exitStatus.failed,
        `the server refused the sign-in: ${description ?? code}; ${advice}`,
        {
          code,
          cause: error,
        },
      );
    }
    if (error instanceof lib.OperationProcessingError || error instanceof lib.UnsupportedOperationError) {
      throw notOauth(error.message);
    }
    throw error;
  }
}

function notOauth(reason: string): CliError {
  return new CliError(exitStatus.failed, `the server does not answer as OAuth demands: ${reason}`);
}

const ADVICE: Readonly<Record<string, string>> = {
  access_denied: 'it was declined in the browser',
  expired_token: 'the code has expired: start again',
  invalid_grant: "sign in again with 'gatehouse login'",
  invalid_client: "check --client: 'gatehouse client list' on the server has its id",
  invalid_target:
    'the client was not registered with --scope gatehouse:admin; for the gateway give --gateway',
  invalid_scope: 'the client was not registered with --scope gatehouse:admin; for the gateway give --gateway',
};
