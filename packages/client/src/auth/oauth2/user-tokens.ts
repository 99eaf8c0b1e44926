// Requests for a person who signed in: with the stored token, a refreshed one, or that of a new sign-in.
// Tokens are bound to a key if `dpop` is set (RFC 9449).
import { waitFor } from '../../http/deadline.ts';
import { withHeader } from '../../http/field-list.ts';
import { atStage, type HttpRequest, type Middleware, type Next } from '../../http/middleware.ts';
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
import {
  type BrowserGrant,
  byBrowser,
  byDevice,
  type DeviceGrant,
  ownTools,
  type SignInTools,
} from './grants.ts';
import { createProver, type Prover } from './proof.ts';
import { createTokenSource } from './token-source.ts';
import { memoryTokens, type TokenStore, type Tokens } from './tokens.ts';

/** Where the tokens of a person are stored. */
export interface UserTokenOptions extends Binding {
  /** Default: in memory. `tokenFile` stores them in a file. */
  store?: TokenStore;
}

/** How a person signs in, and where the tokens are stored. */
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

/** Signs the person in when needed. Refreshes the token before it expires and after a 401. */
export function userTokens(grant: UserGrant, changed: Partial<SignInTools>): Middleware {
  const tools = { ...ownTools, ...changed };
  const belongs = bindToOrigin(grant.origin);
  const store = grant.store ?? memoryTokens();
  const source = createTokenSource<UserToken, Context>({
    obtain: (context, refused) => obtain(grant, { store, tools, refused: refused?.tokens }, context),
    isOver: ({ tokens }) => !isFresh(tokens, tools.date()),
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

/** The options of one sign-in. */
export interface SignInOptions {
  /** Ends the sign-in. */
  signal?: AbortSignal;
  /** The clock and the waiting, for tests. */
  tools?: Partial<SignInTools>;
}

/**
 * Signs the person in again, and stores the tokens. `fetch` follows no redirect.
 * @example
 * const { accessToken } = await signInThrough(fetch, { issuer, clientId, open });
 */
export async function signInThrough(
  fetch: Fetch,
  grant: UserGrant,
  { signal = new AbortController().signal, tools = {} }: SignInOptions = {},
): Promise<Tokens> {
  const all = { ...ownTools, ...tools };
  const server = await openServer(grant, { fetch, date: all.date, proofKey: undefined });
  const tokens = await signInAt(server, grant, { signal, tools: all });
  await grant.store?.write(tokens);
  return tokens;
}

/** A stored sign-in. */
export interface StoredGrant extends OAuthClient {
  store: TokenStore;
}

/**
 * The stored tokens, refreshed if they expire soon. Undefined if the person must sign in again.
 * @example
 * const tokens = await storedTokens(fetch, { issuer, clientId, store: tokenFile('tokens.json') });
 */
export async function storedTokens(
  fetch: Fetch,
  grant: StoredGrant,
  date: () => number = Date.now,
): Promise<Tokens | undefined> {
  const { store } = grant;
  const tokens = await store.read();
  if (tokens !== undefined && isFor(tokens, grant) && isFresh(tokens, date())) return tokens;
  const kept = { store, tools: { ...ownTools, date }, refused: undefined };
  return (await exclusively(store, () => storedOrRefreshed(grant, kept, fetch)))?.tokens;
}

/**
 * Revokes the stored tokens (RFC 7009), and removes them. If the server cannot be reached, it still removes
 * them, and then rejects.
 * @example
 * await signOutThrough(fetch, { issuer, clientId, store: tokenFile('tokens.json') });
 */
export async function signOutThrough(fetch: Fetch, grant: StoredGrant): Promise<void> {
  const tokens = await grant.store.read();
  await grant.store.write(undefined);
  if (tokens === undefined || !isFor(tokens, grant)) return;
  const server = await openServer(grant, { fetch, date: Date.now, proofKey: undefined });
  await server.revoke(tokens.refreshToken ?? tokens.accessToken);
}

interface Kept {
  store: TokenStore;
  tools: SignInTools;
  refused: Tokens | undefined;
}

async function obtain(grant: UserGrant, kept: Kept, { fetch, signal }: Context): Promise<UserToken> {
  const { store, tools } = kept;
  const renewed = await exclusively(store, () => storedOrRefreshed(grant, kept, fetch));
  if (renewed !== undefined) return renewed;
  const server = await openServer(grant, { fetch, date: tools.date, proofKey: undefined });
  const tokens = await signInAt(server, grant, { signal, tools });
  await store.write(tokens);
  return { tokens, prover: server.prover };
}

function exclusively<T>(store: TokenStore, work: () => Promise<T>): Promise<T> {
  return store.exclusively === undefined ? work() : store.exclusively(work);
}

/** Another program may have refreshed the tokens meanwhile. A refresh token is used once. */
async function storedOrRefreshed(
  grant: OAuthClient,
  { store, tools: { date }, refused }: Kept,
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

function signInAt(
  server: AuthorizationServer,
  grant: UserGrant,
  means: { signal: AbortSignal; tools: SignInTools },
): Promise<Tokens> {
  return 'open' in grant ? byBrowser(server, grant, means.signal) : byDevice(server, grant, means);
}

function isFor({ issuer, clientId }: Tokens, options: OAuthClient): boolean {
  return clientId === options.clientId && new URL(issuer).href === new URL(options.issuer).href;
}

function isFresh({ expiresAt = Number.POSITIVE_INFINITY }: Tokens, now: number): boolean {
  return now < expiresAt - EARLY_MS;
}

/** Other requests wait for the same tokens, so the time limit of this request must not end the refresh. */
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
