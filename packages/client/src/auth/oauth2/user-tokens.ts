// Requests in the name of a person who signed in: with the stored token, a refreshed one, or that of a new
// sign-in. Tokens are bound to a key if `dpop` is set (RFC 9449).
import { waitFor } from '../../http/deadline.ts';
import { atStage, type HttpRequest, type Middleware, type Next, withHeader } from '../../http/middleware.ts';
import { discard } from '../../http/response.ts';
import { bindToOrigin } from '../binding.ts';
import type { Binding } from '../header-credentials.ts';
import {
  type AuthorizationServer,
  type Fetch,
  type OAuthClient,
  openServer,
  refusalCode,
} from './authorization-server.ts';
import { type BrowserGrant, byBrowser, byDevice, type DeviceGrant } from './grants.ts';
import { createProver, type Prover } from './proof.ts';
import { createTokenSource } from './token-source.ts';
import { memoryTokens, type TokenStore, type Tokens } from './tokens.ts';

/** Where the tokens of a person are kept. */
export interface UserTokenOptions extends Binding {
  /** Default: in memory. `tokenFile` keeps them in a file. */
  store?: TokenStore;
}

/** How a person signs in, and where the tokens are kept. */
export type UserGrant = (BrowserGrant | DeviceGrant) & UserTokenOptions;

const EARLY_MS = 10_000;
const REQUEST_MS = 30_000;

interface UserToken {
  tokens: Tokens;
  prover: Prover | undefined;
}

interface Context {
  fetch: Fetch;
  signal: AbortSignal;
}

/** Signs the person in when that is needed, and refreshes the token before it ends and after a 401. */
export function userTokens(grant: UserGrant, date: () => number): Middleware {
  const belongs = bindToOrigin(grant.origin);
  const store = grant.store ?? memoryTokens();
  const source = createTokenSource<UserToken, Context>({
    obtain: (context, refused) => obtain(grant, { store, date, refused: refused?.tokens }, context),
    isOver: ({ tokens }) => !isFresh(tokens, date()),
  });
  return atStage('authentication', async (request, next) => {
    if (!belongs(request)) return next(request);
    const context = contextOf(request, next);
    const used = source.current(context);
    const response = await sendWith(await waitFor(used, request.signal), request, next);
    if (response.status !== 401 || !request.replayable) return response;
    await discard(response);
    return sendWith(await waitFor(source.after(used, context), request.signal), request, next);
  });
}

/** Signs the person in anew, and stores the tokens. */
export async function signInThrough(fetch: Fetch, grant: UserGrant, signal: AbortSignal): Promise<Tokens> {
  const server = await openServer(grant, { fetch, date: Date.now, proofKey: undefined });
  const tokens = await signInAt(server, grant, signal);
  await grant.store?.write(tokens);
  return tokens;
}

interface Kept {
  store: TokenStore;
  date(): number;
  refused: Tokens | undefined;
}

async function obtain(grant: UserGrant, kept: Kept, { fetch, signal }: Context): Promise<UserToken> {
  const { store, date } = kept;
  const exclusively = store.exclusively ?? ((work) => work());
  const renewed = await exclusively(() => storedOrRefreshed(grant, kept, fetch));
  if (renewed !== undefined) return renewed;
  const server = await openServer(grant, { fetch, date, proofKey: undefined });
  const tokens = await signInAt(server, grant, signal);
  await store.write(tokens);
  return { tokens, prover: server.prover };
}

/** Another program may have refreshed the tokens meanwhile. A refresh token is used once. */
async function storedOrRefreshed(
  grant: UserGrant,
  { store, date, refused }: Kept,
  fetch: Fetch,
): Promise<UserToken | undefined> {
  const tokens = await store.read();
  if (tokens === undefined || !isFor(tokens, grant)) return undefined;
  if (tokens.accessToken !== refused?.accessToken && isFresh(tokens, date())) {
    return { tokens, prover: tokens.proofKey && (await createProver(tokens.proofKey)) };
  }
  if (tokens.refreshToken === undefined) return undefined;
  const server = await openServer(grant, { fetch, date, proofKey: tokens.proofKey });
  try {
    const refreshed = await server.refresh(tokens.refreshToken);
    await store.write(refreshed);
    return { tokens: refreshed, prover: server.prover };
  } catch (error) {
    if (refusalCode(error) !== 'invalid_grant') throw error;
    await store.write(undefined);
    return undefined;
  }
}

function signInAt(server: AuthorizationServer, grant: UserGrant, signal: AbortSignal): Promise<Tokens> {
  return 'open' in grant ? byBrowser(server, grant, signal) : byDevice(server, grant, signal);
}

function isFor({ issuer, clientId }: Tokens, options: OAuthClient): boolean {
  return clientId === options.clientId && new URL(issuer).href === new URL(options.issuer).href;
}

function isFresh({ expiresAt = Number.POSITIVE_INFINITY }: Tokens, now: number): boolean {
  return now < expiresAt - EARLY_MS;
}

/** Others wait for the tokens too, so that the limits of this request do not count for them. */
function contextOf(request: HttpRequest, next: Next): Context {
  const fetch: Fetch = (address, { method = 'GET', headers, body }) => {
    const url = new URL(address);
    return next({
      ...request,
      method,
      url,
      first: url,
      headers: new Headers(headers),
      content: body === undefined || body === null ? null : String(body),
      replayable: true,
      secrets: [],
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_MS),
      onProgress: undefined,
    });
  };
  return { fetch, signal: new AbortController().signal };
}

async function sendWith({ tokens, prover }: UserToken, request: HttpRequest, next: Next): Promise<Response> {
  const { accessToken } = tokens;
  if (prover === undefined) return next(withHeader(request, 'authorization', `Bearer ${accessToken}`));
  const lib = await import('oauth4webapi');
  const send = (_url: string, { headers }: { headers: Record<string, string> }) =>
    next({ ...request, headers: new Headers(headers) });
  const options = { DPoP: prover.handle, [lib.customFetch]: send, [lib.allowInsecureRequests]: true };
  const attempt = () =>
    lib.protectedResourceRequest(accessToken, request.method, request.url, request.headers, null, options);
  try {
    return await attempt().catch(async (error) => {
      if (!lib.isDPoPNonceError(error) || !request.replayable) throw error;
      await discard(error.response);
      return attempt();
    });
  } catch (error) {
    if (error instanceof lib.WWWAuthenticateChallengeError) return error.response;
    throw error;
  }
}
