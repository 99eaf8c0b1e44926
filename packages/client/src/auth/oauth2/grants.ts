// How a person gives this client its tokens: in a browser on this machine (RFC 6749 §4.1 with PKCE, RFC 7636;
// RFC 8252), or in one on another device (RFC 8628).
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '../../errors.ts';
import { isLoopback } from '../../network/loopback.ts';
import {
  type AuthorizationServer,
  type OAuthClient,
  refusal,
  refusalCode,
  withoutScope,
} from './authorization-server.ts';
import type { LoopbackOptions } from './loopback.ts';
import type { Tokens } from './tokens.ts';

/** Sign-in in a browser on this machine. */
export interface BrowserGrant extends OAuthClient {
  /** Opens the address in a browser, or shows it. */
  open(url: URL): void | Promise<void>;
  /** Where the server sends the browser back to. It must be registered there, except for the port. */
  redirect?: LoopbackOptions;
  /** How long the person may take. Default: 300. */
  timeoutSeconds?: number;
  /** Further parameters of the address, such as `prompt` or `login_hint`. */
  parameters?: Readonly<Record<string, string>>;
}

/** What a person needs to let a device sign in. */
export interface DeviceCode {
  userCode: string;
  verificationUri: string;
  /** The address with the code in it, for a QR code. */
  verificationUriComplete: string | undefined;
  expiresInSeconds: number;
}

/** Sign-in on another device. */
export interface DeviceGrant extends OAuthClient {
  /** Shows the person the address to open, and the code to type there. */
  show(code: DeviceCode): void | Promise<void>;
}

/** What a sign-in needs. Tests hand in their own. */
export interface SignInTools {
  /** Milliseconds since 1970. */
  date(): number;
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

export const ownTools: SignInTools = {
  date: Date.now,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};

const PATIENCE_SECONDS = 300;

/** Waits until the person has agreed in a browser. */
export async function byBrowser(
  server: AuthorizationServer,
  grant: BrowserGrant,
  signal: AbortSignal,
): Promise<Tokens> {
  const lib = await import('oauth4webapi');
  const { metadata, client } = server;
  const [verifier, state] = [lib.generateRandomCodeVerifier(), lib.generateRandomState()];
  const nonce = isOpenId(grant) ? lib.generateRandomNonce() : undefined;
  const { openLoopback } = await import('./loopback.ts'); // a server, which few programs need
  const loopback = await openLoopback(grant.redirect ?? {});
  try {
    const { redirectUri } = loopback;
    const challenge = await lib.calculatePKCECodeChallenge(verifier);
    const address = addressOf(server, grant, { redirectUri, challenge, state, nonce });
    const waiting = loopback.answer(
      (url) => url.searchParams.get('state') === state,
      AbortSignal.any([signal, patience(grant)]),
    );
    waiting.catch(() => {}); // if `open` fails first
    await grant.open(address);
    // Checks `state` and `iss` (RFC 9207), so that the answer of another server is not accepted.
    const answer = validated(lib, server, await waiting, state);
    return await server.tokens(
      (own, by, all) =>
        own.authorizationCodeGrantRequest(metadata, client, by, answer, redirectUri, verifier, {
          ...all,
          additionalParameters: withoutScope(server.parameters),
        }),
      (own, response) =>
        own.processAuthorizationCodeResponse(metadata, client, response, {
          expectedNonce: nonce ?? own.expectNoNonce,
        }),
    );
  } finally {
    loopback.close();
  }
}

function validated(
  lib: typeof import('oauth4webapi'),
  { metadata, client }: AuthorizationServer,
  url: URL,
  state: string,
) {
  try {
    return lib.validateAuthResponse(metadata, client, url, state);
  } catch (error) {
    throw refusal(lib, error, metadata.issuer);
  }
}

function addressOf(
  { metadata, client, parameters }: AuthorizationServer,
  grant: BrowserGrant,
  {
    redirectUri,
    challenge,
    state,
    nonce,
  }: { redirectUri: string; challenge: string; state: string; nonce: string | undefined },
): URL {
  if (metadata.authorization_endpoint === undefined) throw lacks(metadata.issuer, 'authorization_endpoint');
  const url = new URL(metadata.authorization_endpoint);
  requireWeb(url, metadata.issuer);
  const asked = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state,
    ...(nonce !== undefined && { nonce }),
    ...(needsConsent(grant) && { prompt: 'consent' }), // OpenID Connect Core §11
    ...grant.parameters,
  });
  for (const [name, value] of [...asked, ...parameters]) url.searchParams.append(name, value);
  return url;
}

/** A browser opens it, and would also open a file or run a script. */
function requireWeb({ protocol, hostname }: URL, issuer: string): void {
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new ClientError(
    'auth',
    `${issuer} has an authorization_endpoint that does not begin with https://: check the issuer`,
  );
}

function needsConsent({ scope = '' }: OAuthClient): boolean {
  return scope.split(' ').includes('offline_access');
}

function isOpenId({ scope = '' }: OAuthClient): boolean {
  return scope.split(' ').includes('openid');
}

function patience({ timeoutSeconds = PATIENCE_SECONDS }: BrowserGrant): AbortSignal {
  const controller = new AbortController();
  const message = `no one signed in within ${timeoutSeconds} s: begin again`;
  const timer = setTimeout(
    () => controller.abort(new ClientError('timeout', message)),
    timeoutSeconds * 1000,
  );
  timer.unref();
  return controller.signal;
}

const SLOWER_SECONDS = 5;
const INTERVAL_SECONDS = 5;

/** Waits until the person has typed the code and agreed (RFC 8628 §3.4). */
export async function byDevice(
  server: AuthorizationServer,
  grant: DeviceGrant,
  { signal, tools }: { signal: AbortSignal; tools: SignInTools },
): Promise<Tokens> {
  const { metadata, client } = server;
  if (metadata.device_authorization_endpoint === undefined)
    throw lacks(metadata.issuer, 'device_authorization_endpoint');
  const device = await beginDevice(server, grant);
  await grant.show({
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    verificationUriComplete: device.verification_uri_complete,
    expiresInSeconds: device.expires_in,
  });
  const until = tools.date() + device.expires_in * 1000;
  let interval = device.interval ?? INTERVAL_SECONDS;
  while (tools.date() < until) {
    await tools.wait(interval * 1000, signal).catch((error) => {
      throw signal.aborted ? signal.reason : error;
    });
    try {
      return await server.tokens(
        (own, by, all) => own.deviceCodeGrantRequest(metadata, client, by, device.device_code, all),
        (own, response) => own.processDeviceCodeResponse(metadata, client, response),
      );
    } catch (error) {
      const code = refusalCode(error);
      if (code === 'slow_down') interval += SLOWER_SECONDS;
      else if (code !== 'authorization_pending') throw error;
    }
  }
  throw new ClientError('timeout', `no one typed the code within ${device.expires_in} s: begin again`);
}

async function beginDevice(server: AuthorizationServer, { clientSecret }: DeviceGrant) {
  const lib = await import('oauth4webapi');
  const { metadata, client, parameters } = server;
  const by = clientSecret === undefined ? lib.None() : lib.ClientSecretBasic(clientSecret);
  try {
    const response = await lib.deviceAuthorizationRequest(
      metadata,
      client,
      by,
      parameters,
      server.options(lib),
    );
    return await lib.processDeviceAuthorizationResponse(metadata, client, response);
  } catch (error) {
    throw refusal(lib, error, metadata.issuer);
  }
}

function lacks(issuer: string, endpoint: string): ClientError {
  return new ClientError('auth', `${issuer} has no ${endpoint}: use another way to sign in`);
}
